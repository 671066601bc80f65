#include "libs/log/automaton.h"

#include <algorithm>

#include "libs/log/facts.h"
#include "libs/record/wire.h"

// A saved state:
//
//   state := field*      as protobuf writes them, in the order of State's members, numbered from 1
//   field 12 (last_offset) is written plus one; a field at zero is absent; next_seq starts at 1
namespace crm::log {
namespace {

enum StateField : uint32_t {
  kNext = 1,
  kLogId,
  kClaimNumber,
  kClaimId,
  kEnded,
  kReleased,
  kPredecessorReleased,
  kNextSeq,
  kLeaseMs,
  kPartitions,
  kRecordedTime,
  kLastOffset,
  kLastClaim,
  kLastClaimId,
  kLastSeq,
};

}  // namespace

std::string Automaton::State::Encode() const {
  std::string bytes;
  auto add = [&bytes](uint32_t number, uint64_t value) {
    if (value != 0) record::AppendVarintField(number, value, &bytes);
  };
  add(kNext, static_cast<uint64_t>(next));
  add(kLogId, log_id);
  add(kClaimNumber, claim);
  add(kClaimId, claim_id);
  add(kEnded, ended);
  add(kReleased, released);
  add(kPredecessorReleased, predecessor_released);
  add(kNextSeq, next_seq);
  add(kLeaseMs, lease_ms);
  add(kPartitions, partitions);
  add(kRecordedTime, static_cast<uint64_t>(recorded_time_us));
  add(kLastOffset, static_cast<uint64_t>(last_offset + 1));
  add(kLastClaim, last_claim);
  add(kLastClaimId, last_claim_id);
  add(kLastSeq, last_seq);
  return bytes;
}

std::optional<Automaton::State> Automaton::State::Decode(std::string_view bytes) {
  State state;
  record::WireReader reader(bytes);
  while (reader.Next()) {
    const uint64_t value = reader.varint();
    switch (reader.number()) {
      case kNext:
        state.next = static_cast<int64_t>(value);
        break;
      case kLogId:
        state.log_id = value;
        break;
      case kClaimNumber:
        state.claim = value;
        break;
      case kClaimId:
        state.claim_id = value;
        break;
      case kEnded:
        state.ended = value != 0;
        break;
      case kReleased:
        state.released = value != 0;
        break;
      case kPredecessorReleased:
        state.predecessor_released = value != 0;
        break;
      case kNextSeq:
        state.next_seq = value;
        break;
      case kLeaseMs:
        state.lease_ms = static_cast<uint32_t>(value);
        break;
      case kPartitions:
        state.partitions = static_cast<uint32_t>(value);
        break;
      case kRecordedTime:
        state.recorded_time_us = static_cast<int64_t>(value);
        break;
      case kLastOffset:
        state.last_offset = static_cast<int64_t>(value) - 1;
        break;
      case kLastClaim:
        state.last_claim = value;
        break;
      case kLastClaimId:
        state.last_claim_id = value;
        break;
      case kLastSeq:
        state.last_seq = value;
        break;
      default:
        return std::nullopt;
    }
  }
  if (!reader.ok()) return std::nullopt;
  return state;
}

Verdict Automaton::Impossible(const Stored& message, std::string_view what) {
  trouble_ = "offset " + std::to_string(message.offset) + ": " + std::string(what);
  return Verdict::kImpossible;
}

Verdict Automaton::Feed(const Stored& message, std::optional<Commit>* commit) {
  commit->reset();
  if (!trouble_.empty()) return Verdict::kImpossible;
  if (message.offset < state_.next) return Impossible(message, "the log went back");
  const auto facts = ReadFacts(*message.body);
  if (!facts) return Impossible(message, "the message is not one of this log's");
  const Verdict verdict = facts->kind == Facts::Kind::kClaim ? FeedClaim(message, *facts)
                                                             : FeedRecord(message, *facts, commit);
  if (verdict == Verdict::kImpossible) return verdict;
  state_.next = message.offset + 1;
  state_.last_offset = message.offset;
  state_.last_claim = facts->claim;
  state_.last_claim_id = facts->claim_id;
  state_.last_seq = facts->seq;
  return verdict;
}

Verdict Automaton::FeedClaim(const Stored& message, const Facts& facts) {
  const auto claim = ReadClaim(facts.value);
  if (!claim || claim->number != facts.claim || claim->id != facts.claim_id) {
    return Impossible(message, "the claim contradicts its envelope");
  }
  const bool first = state_.log_id == 0;
  if (first && (message.offset != 0 || claim->number != 1 || claim->log_id != claim->id)) {
    return Impossible(message, "the log does not begin with its first claim");
  }
  if (!mutations_.Has(Mutation::kNoCompareAndSet)) {
    if (claim->number > state_.claim + 1 && !mutations_.any()) {
      return Impossible(message, "claims are missing before");
    }
    if (claim->number != state_.claim + 1) return Verdict::kVoidClaim;
    if (!first && claim->log_id != state_.log_id) {
      return Impossible(message, "the claim belongs to another log");
    }
    if (!first && claim->partitions != state_.partitions) {
      return Impossible(message, "the claim states another number of partitions");
    }
  }
  if (first) {
    state_.log_id = claim->log_id;
    state_.partitions = claim->partitions;
  }
  state_.claim = claim->number;
  state_.claim_id = claim->id;
  state_.predecessor_released = state_.released;
  state_.released = false;
  state_.ended = false;
  state_.next_seq = 1;
  state_.lease_ms = std::max(state_.lease_ms, claim->lease_ms);
  state_.recorded_time_us = std::max(state_.recorded_time_us, facts.recorded_time_us);
  open_.clear();
  return Verdict::kClaim;
}

Verdict Automaton::FeedRecord(const Stored& message, const Facts& facts,
                              std::optional<Commit>* commit) {
  if (state_.log_id == 0) return Impossible(message, "the log does not begin with a claim");
  if (facts.claim > state_.claim && !mutations_.any()) {
    return Impossible(message, "the record names a claim that was not seen");
  }
  const bool newest = facts.claim == state_.claim && facts.claim_id == state_.claim_id;
  if (!newest && !mutations_.Has(Mutation::kNoNewestClaim)) return Verdict::kDeposed;
  if (!mutations_.Has(Mutation::kNoSequence)) {
    if (state_.ended) return Verdict::kAfterEnd;
    if (facts.seq < state_.next_seq) return Verdict::kDuplicate;
    if (facts.seq > state_.next_seq) {
      state_.ended = true;
      open_.clear();
      return Verdict::kHole;
    }
  }
  state_.next_seq = facts.seq + 1;
  state_.recorded_time_us = std::max(state_.recorded_time_us, facts.recorded_time_us);
  if (facts.kind == Facts::Kind::kEvent) return FeedEvent(message, facts, commit);
  if (!open_.empty() && !mutations_.any()) {
    return Impossible(message, "a record of the log's own stands inside a commit");
  }
  if (facts.kind == Facts::Kind::kReached) commit->emplace().events.push_back(message);
  if (facts.kind != Facts::Kind::kReleased) return Verdict::kCounts;
  state_.ended = true;
  state_.released = true;
  open_.clear();
  return Verdict::kReleased;
}

Verdict Automaton::FeedEvent(const Stored& message, const Facts& facts,
                             std::optional<Commit>* commit) {
  if (mutations_.Has(Mutation::kNoCommitBuffer)) {
    commit->emplace().events.push_back(message);
    return Verdict::kCounts;
  }
  if (facts.commit_index != open_.size() + 1 || facts.commit_index > facts.commit_count) {
    if (!mutations_.any()) return Impossible(message, "the event does not continue its commit");
    open_.clear();
    if (facts.commit_index != 1) return Verdict::kCounts;
  }
  open_.push_back(message);
  if (facts.commit_index == facts.commit_count) {
    commit->emplace().events = std::move(open_);
    open_.clear();
  }
  return Verdict::kCounts;
}

}  // namespace crm::log
