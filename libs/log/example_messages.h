#pragma once

#include <memory>
#include <string>

#include "libs/log/own_record.h"
#include "libs/log/record.h"

// Messages as tests write them by hand, without an owner.
namespace crm::log::example {

struct ClaimKey {
  uint64_t number = 1;
  uint64_t id = 1;
};

using Body = std::shared_ptr<const std::string>;

inline Envelope EnvelopeUnder(ClaimKey claim, uint64_t seq) {
  Envelope envelope;
  envelope.set_source("/crm/sales");
  envelope.set_claim(claim.number);
  envelope.set_claim_id(claim.id);
  envelope.set_seq(seq);
  envelope.set_recorded_time_us(1'700'000'000'000'000 + static_cast<int64_t>(seq));
  return envelope;
}

inline Body Encode(const Envelope& envelope, std::string_view value) {
  return std::make_shared<const std::string>(EncodeBody(envelope, value));
}

inline Body Event(ClaimKey claim, uint64_t seq, uint32_t index = 1, uint32_t count = 1,
                  std::string_view value = "value") {
  Envelope envelope = EnvelopeUnder(claim, seq);
  envelope.set_type("crm.sales.v1.lead.created");
  envelope.set_commit_index(index);
  envelope.set_commit_count(count);
  return Encode(envelope, value);
}

inline Body ClaimRecord(ClaimKey claim, uint64_t log_id = 1, uint32_t partitions = 1,
                        uint32_t lease_ms = 3000) {
  Envelope envelope = EnvelopeUnder(claim, 0);
  envelope.set_type(std::string(kClaimType));
  event::v1::Claim content;
  content.set_number(claim.number);
  content.set_id(claim.id);
  content.set_log_id(log_id);
  content.set_partitions(partitions);
  content.set_lease_ms(lease_ms);
  return Encode(envelope, ClaimValue(content));
}

inline Body OwnRecord(ClaimKey claim, uint64_t seq, std::string_view type, std::string_view value) {
  Envelope envelope = EnvelopeUnder(claim, seq);
  envelope.set_type(std::string(type));
  return Encode(envelope, value);
}

}  // namespace crm::log::example
