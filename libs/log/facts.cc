#include "libs/log/facts.h"

#include "libs/log/own_record.h"
#include "libs/log/record.h"
#include "libs/record/wire.h"

namespace crm::log {
namespace {

using record::WireReader;
using record::WireType;

Facts::Kind KindOf(std::string_view type) {
  if (type == kClaimType) return Facts::Kind::kClaim;
  if (type == kAliveType) return Facts::Kind::kAlive;
  if (type == kReleasedType) return Facts::Kind::kReleased;
  if (type == kReachedType) return Facts::Kind::kReached;
  return Facts::Kind::kEvent;
}

}  // namespace

std::optional<Facts> ReadFacts(std::string_view body) {
  auto parts = SplitBody(body);
  if (!parts) return std::nullopt;
  Facts facts;
  facts.value = parts->value;
  WireReader reader(parts->envelope);
  while (reader.Next()) {
    switch (reader.number()) {
      case Envelope::kTypeFieldNumber:
        facts.kind = KindOf(reader.payload());
        break;
      case Envelope::kRecordedTimeUsFieldNumber:
        facts.recorded_time_us = static_cast<int64_t>(reader.varint());
        break;
      case Envelope::kClaimFieldNumber:
        facts.claim = reader.varint();
        break;
      case Envelope::kClaimIdFieldNumber:
        facts.claim_id = reader.varint();
        break;
      case Envelope::kSeqFieldNumber:
        facts.seq = reader.varint();
        break;
      case Envelope::kCommitIndexFieldNumber:
        facts.commit_index = static_cast<uint32_t>(reader.varint());
        break;
      case Envelope::kCommitCountFieldNumber:
        facts.commit_count = static_cast<uint32_t>(reader.varint());
        break;
      default:
        break;
    }
  }
  if (!reader.ok()) return std::nullopt;
  return facts;
}

std::optional<ClaimFacts> ReadClaim(std::string_view value) {
  WireReader root(value);
  if (!root.Next() || root.number() != kClaimInRoot || root.type() != WireType::kBytes) {
    return std::nullopt;
  }
  using event::v1::Claim;
  ClaimFacts claim;
  WireReader reader(root.payload());
  while (reader.Next()) {
    if (reader.number() == Claim::kNumberFieldNumber) claim.number = reader.varint();
    if (reader.number() == Claim::kIdFieldNumber) claim.id = reader.varint();
    if (reader.number() == Claim::kLogIdFieldNumber) claim.log_id = reader.varint();
    if (reader.number() == Claim::kLeaseMsFieldNumber) {
      claim.lease_ms = static_cast<uint32_t>(reader.varint());
    }
    if (reader.number() == Claim::kPartitionsFieldNumber) {
      claim.partitions = static_cast<uint32_t>(reader.varint());
    }
  }
  if (!reader.ok()) return std::nullopt;
  return claim;
}

}  // namespace crm::log
