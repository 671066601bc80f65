#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crm/event/v1/event.pb.h"
#include "libs/record/result.h"

// A message of the log. Its body, as embedded segments and the history keep it:
//
//   body := varint(length of the envelope) envelope value
//
// with the envelope a crm.event.v1.Envelope and the value a service's root Event (no bytes for a
// deletion). On Kafka the envelope's fields are headers and the value is the message's value.
namespace crm::log {

using Envelope = crm::event::v1::Envelope;

std::string EncodeBody(const Envelope& envelope, std::string_view value);

struct BodyParts {
  std::string_view envelope;
  std::string_view value;
};
std::optional<BodyParts> SplitBody(std::string_view body);

// A message at its place in a partition.
struct Stored {
  int64_t offset = 0;
  std::shared_ptr<const std::string> body;
};

struct Header {
  std::string name;
  std::string value;
  bool operator==(const Header&) const = default;
};
// CloudEvents in binary mode, as architecture.md's "Events" lists the headers, in that order.
std::vector<Header> ToHeaders(const Envelope& envelope);
record::Result<Envelope> FromHeaders(const std::vector<Header>& headers);
// `tenant/subject`; empty for the log's own records.
std::string KeyOf(const Envelope& envelope);

// Types of the log's own records.
inline constexpr std::string_view kClaimType = "crm.event.v1.claim";
inline constexpr std::string_view kAliveType = "crm.event.v1.alive";
inline constexpr std::string_view kReleasedType = "crm.event.v1.released";
inline constexpr std::string_view kReachedType = "crm.event.v1.reached";

}  // namespace crm::log
