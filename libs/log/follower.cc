#include "libs/log/follower.h"

#include <utility>

#include "libs/log/facts.h"

namespace crm::log {
namespace {

constexpr int kLooks = 3;

}  // namespace

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

Follower::Found Follower::CheckStart() {
  const Automaton::State& saved = state();
  if (saved.log_id == 0 || mutations_.Has(Mutation::kNoContentCheck)) return Found::kSome;
  if (saved.partitions != static_cast<uint32_t>(log_.partitions())) {
    return Trouble("the log has another number of partitions than before");
  }
  int64_t end = 0;
  const Found asked = AskEnd(&end);
  if (asked != Found::kSome) return asked;
  return CheckContent();
}

// A message that had been read, or nullopt if it is gone. A partition's new leader shows what it
// has only once its followers have it as well: that it shows nothing here means something only
// where the log is known to go on behind it.
Follower::Found Follower::LookAt(int64_t offset, std::optional<Stored>* message) {
  for (int attempt = 0; attempt < kLooks; ++attempt) {
    auto read = log_.ReadOne(partition_, offset);
    if (!read) return Fail(read.error());
    *message = std::move(read).value();
    if (*message) break;
    int64_t end = 0;
    const Found asked = AskEnd(&end);
    if (asked != Found::kSome) return asked;
  }
  return Found::kSome;
}

Follower::Found Follower::CheckFirst() {
  std::optional<Stored> first;
  const Found looked = LookAt(0, &first);
  if (looked != Found::kSome) return looked;
  if (!first) return Trouble("the log does not begin at 0");
  const auto facts = ReadFacts(*first->body);
  if (!facts || facts->kind != Facts::Kind::kClaim || facts->claim_id != state().log_id) {
    return Trouble("this is another log than the one that was read before");
  }
  return Found::kSome;
}

Follower::Found Follower::CheckContent() {
  const Automaton::State& now = state();
  if (now.last_offset < 0 || mutations_.Has(Mutation::kNoContentCheck)) return Found::kSome;
  const Found begins = CheckFirst();
  if (begins != Found::kSome) return begins;
  std::optional<Stored> last;
  const Found looked = LookAt(now.last_offset, &last);
  if (looked != Found::kSome) return looked;
  const auto facts = last ? ReadFacts(*last->body) : std::nullopt;
  if (!facts || facts->claim != now.last_claim || facts->claim_id != now.last_claim_id ||
      facts->seq != now.last_seq) {
    return Trouble("the record at offset " + std::to_string(now.last_offset) +
                   " is not the one that was read there");
  }
  return Found::kSome;
}

Follower::Found Follower::AskEnd(int64_t* end) {
  for (int attempt = 0; attempt < 2; ++attempt) {
    auto asked = log_.End(partition_);
    if (!asked) return Fail(asked.error());
    *end = *asked;
    if (*end >= state().next) return Found::kSome;
  }
  if (mutations_.Has(Mutation::kNoContentCheck)) return Found::kSome;
  return Trouble("the log ends at " + std::to_string(*end) + ", but had been read up to " +
                 std::to_string(state().next));
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
