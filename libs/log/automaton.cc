#include "libs/log/automaton.h"

#include <algorithm>
#include <array>
#include <type_traits>

#include "libs/log/facts.h"
#include "libs/record/wire.h"

// A saved state:
//
//   state := field*      varints as protobuf writes them; a field at zero is absent
//
// with the numbers below; last_offset is written plus one.
namespace crm::log {
namespace {

constexpr uint32_t kFieldsEnd = 16;

template <class State, class Visit>
void VisitFields(State& state, Visit visit) {
  visit(1, state.next);
  visit(2, state.log_id);
  visit(3, state.claim);
  visit(4, state.claim_id);
  visit(5, state.ended);
  visit(6, state.released);
  visit(7, state.predecessor_released);
  visit(8, state.next_seq);
  visit(9, state.lease_ms);
  visit(10, state.partitions);
  visit(11, state.recorded_time_us);
  visit(12, state.last_offset);
  visit(13, state.last_claim);
  visit(14, state.last_claim_id);
  visit(15, state.last_seq);
}

}  // namespace

std::string Automaton::State::Encode() const {
  State written = *this;
  ++written.last_offset;
  std::string bytes;
  VisitFields(written, [&bytes](uint32_t number, const auto& value) {
    if (value != 0) record::AppendVarintField(number, static_cast<uint64_t>(value), &bytes);
  });
  return bytes;
}

std::optional<Automaton::State> Automaton::State::Decode(std::string_view bytes) {
  std::array<uint64_t, kFieldsEnd> values{};
  record::WireReader reader(bytes);
  while (reader.Next()) {
    if (reader.number() >= kFieldsEnd) return std::nullopt;
    values[reader.number()] = reader.varint();
  }
  if (!reader.ok() || bytes.empty()) return std::nullopt;
  State state;
  VisitFields(state, [&values](uint32_t number, auto& value) {
    value = static_cast<std::remove_reference_t<decltype(value)>>(values[number]);
  });
  --state.last_offset;
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
