#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

// The few facts of a message that the reading rules need, found in one pass over its bytes.
namespace crm::log {

struct Facts {
  enum class Kind { kEvent, kClaim, kAlive, kReleased, kReached };
  Kind kind = Kind::kEvent;
  uint64_t claim = 0;
  uint64_t claim_id = 0;
  uint64_t seq = 0;
  uint32_t commit_index = 0;
  uint32_t commit_count = 0;
  int64_t recorded_time_us = 0;
  std::string_view value;  // points into the body
};

// nullopt when the body is not one of ours.
std::optional<Facts> ReadFacts(std::string_view body);

// What a claim says, out of a message's value.
struct ClaimFacts {
  uint64_t number = 0;
  uint64_t id = 0;
  uint64_t log_id = 0;
  uint32_t lease_ms = 0;
  uint32_t partitions = 0;
};
std::optional<ClaimFacts> ReadClaim(std::string_view value);

}  // namespace crm::log
