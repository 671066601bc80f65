#include "libs/log/follower.h"

#include <utility>

#include "libs/log/content.h"

namespace crm::log {

Follower::Follower(Log& log, int partition, Projection& projection, const record::Clock& clock,
                   size_t read_bytes, Mutations mutations)
    : log_(log),
      partition_(partition),
      projection_(projection),
      clock_(clock),
      read_bytes_(read_bytes),
      mutations_(mutations),
      automaton_(projection.Load(), mutations),
      between_(automaton_.state()),
      applied_next_(automaton_.state().next),
      message_time_(clock.Boottime()),
      before_claim_time_(message_time_) {}

Follower::Found Follower::Trouble(const std::string& what) {
  trouble_ = "partition " + std::to_string(partition_) + ": " + what;
  return Found::kTrouble;
}

Follower::Found Follower::Fail(const record::Error& error) {
  return error.retry ? Found::kLater : Trouble(error.text);
}

std::function<record::Result<int64_t>(Log&)> Follower::Comparison() const {
  return [read = state(), partition = partition_, mutations = mutations_](Log& log) {
    return CompareContent(log, partition, read, mutations);
  };
}

Follower::Found Follower::CheckStart() {
  const auto compared = Comparison()(log_);
  return compared ? Found::kSome : Fail(compared.error());
}

Follower::Found Follower::AskEnd(int64_t* end) {
  const auto asked = EndNotBelow(log_, partition_, state().next, mutations_);
  if (!asked) return Fail(asked.error());
  *end = *asked;
  return Found::kSome;
}

void Follower::Expect(int64_t end) {
  expected_ = end;
  projection_.Expect(end);
}

Follower::Found Follower::Read() {
  auto read = log_.Read(partition_, state().next, read_bytes_);
  if (!read) return Fail(read.error());
  const int64_t now = clock_.Boottime();
  for (const Stored& message : *read) {
    if (FeedAt(message, now) == Verdict::kImpossible) return Trouble(automaton_.trouble());
  }
  return read->empty() ? Found::kNothing : Found::kSome;
}

Verdict Follower::Feed(const Stored& message) {
  const Verdict verdict = FeedAt(message, clock_.Boottime());
  if (verdict == Verdict::kImpossible) Trouble(automaton_.trouble());
  return verdict;
}

Verdict Follower::FeedAt(const Stored& message, int64_t now) {
  const bool was_open = !automaton_.between_commits();
  std::optional<Commit> commit;
  const Verdict verdict = automaton_.Feed(message, &commit);
  if (verdict == Verdict::kImpossible) return verdict;
  if (verdict == Verdict::kClaim) before_claim_time_ = message_time_;
  message_time_ = now;
  if (commit) completed_.push_back(std::move(*commit));
  if (automaton_.between_commits()) between_ = automaton_.state();
  Count(verdict, was_open);
  return verdict;
}

void Follower::Count(Verdict verdict, bool was_open) {
  switch (verdict) {
    case Verdict::kVoidClaim:
      ++counts_.void_claims;
      break;
    case Verdict::kDeposed:
      ++counts_.deposed;
      break;
    case Verdict::kAfterEnd:
      ++counts_.after_end;
      break;
    case Verdict::kDuplicate:
      ++counts_.duplicates;
      break;
    case Verdict::kHole:
      ++counts_.holes;
      break;
    default:
      break;
  }
  const bool drops = verdict == Verdict::kHole || verdict == Verdict::kClaim;
  if (was_open && drops) ++counts_.incomplete;
}

void Follower::Apply() {
  if (!completed_.empty() || between_.next != applied_next_) {
    projection_.Apply(completed_, between_);
    completed_.clear();
    applied_next_ = between_.next;
  }
  // The log may end within a commit, which is no reason to wait for the rest of it.
  if (between_.next < expected_ && state().next >= expected_) {
    expected_ = between_.next;
    projection_.Expect(expected_);
  }
}

}  // namespace crm::log
