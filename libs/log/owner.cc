#include "libs/log/owner.h"

#include <algorithm>
#include <limits>

#include "libs/log/own_record.h"

namespace crm::log {
namespace {

constexpr int64_t kNever = std::numeric_limits<int64_t>::max();
constexpr int64_t kReleasedWait = 1'000'000;  // L4

}  // namespace

Owner::Owner(Options options, Log& log, Projection& projection, const record::Clock& clock,
             record::Random& random, std::function<void()> wake)
    : options_(std::move(options)),
      log_(log),
      clock_(clock),
      random_(random),
      wake_(std::move(wake)),
      follower_(log, options_.partition, projection, clock, options_.read_bytes,
                options_.mutations),
      check_(follower_, clock, wake_),
      watch_(log.Watch(options_.partition,
                       [this] {
                         arrived_ = true;
                         wake_();
                       })),
      question_(log, wake_) {}

Owner::~Owner() {
  lease_.End();
  producer_.reset();
  waiters_.AnswerAll(false);
}

void Owner::Assign(bool assigned) {
  assigned_ = assigned;
  if (assigned) await_assignment_ = false;
  if (!assigned && role_ == Role::kClaiming) Lose(Why::kWithdrawn, clock_.Boottime());
}

void Owner::AwaitConfirmation(std::function<void(bool)> done) {
  waiters_.Add(std::move(done));
  wake_();
}

bool Owner::Step() {
  const int64_t now = clock_.Boottime();
  const bool worked = role_ != Role::kStopped && CheckNow(now) && StepRole(now);
  if (!follower_.trouble().empty() && role_ != Role::kStopped) TakeNoPart();
  if (role_ == Role::kStopped) {
    waiters_.AnswerAll(false);
    return false;
  }
  Settle(now);
  PublishLease(now);
  return worked;
}

bool Owner::StepRole(int64_t now) {
  switch (role_) {
    case Role::kStandby:
      return StepStandby(now);
    case Role::kClaiming:
      return StepClaiming(now);
    case Role::kOwner:
      return StepOwner(now);
    case Role::kStopped:
      break;
  }
  return false;
}

// R5. False while there is nothing else to do.
bool Owner::CheckNow(int64_t now) {
  if (!check_.Step(now)) return false;
  // An owner that has nothing to write would not notice otherwise that it was deposed.
  const auto end = check_.TakeEnd();
  const bool idle = role_ == Role::kOwner && flight_.empty();
  const bool behind = end && *end > state().next && idle;
  if (behind && follower_.Read() == Follower::Found::kSome && !mine()) Lose(Why::kDeposed, now);
  return follower_.trouble().empty();
}

bool Owner::StepOwner(int64_t now) {
  bool worked = WorkReports(now);
  if (role_ != Role::kOwner || !follower_.trouble().empty()) return true;
  const auto oldest = flight_.oldest_handed();
  if (oldest && now >= *oldest + options_.confirm_timeout_us) {
    Lose(Why::kFailed, now);
    return true;
  }
  Settle(now);
  if (!assigned_ || released_sent_) return StepHandOver(now) || worked;
  KeepLease(now);
  return worked;
}

// Applies what was read, and confirms what counts of our own. Answers wait for the take-over (L3).
void Owner::Settle(int64_t now) {
  follower_.Apply();
  if (role_ != Role::kOwner) {
    waiters_.AnswerAll(false);
    return;
  }
  if (state().claim_id == claim_.id) {
    const Flight::Confirmed confirmed = flight_.ConfirmBelow(state().next_seq);
    if (confirmed.handed) newest_handed_ = std::max(newest_handed_, *confirmed.handed);
    if (confirmed.ticket != 0) {
      const bool out_of_order = options_.mutations.Has(Mutation::kAckOutOfOrder);
      counted_ticket_ = out_of_order ? last_ticket_ : confirmed.ticket;
      attempts_ = 0;
    }
  }
  waiters_.Collect();
  settled_at_ = now;
  if (now < serve_from_) return;
  confirmed_ = std::max(confirmed_, counted_ticket_);
  if (log_.exclusive()) return waiters_.AnswerAll(true);
  if (state().claim_id == claim_.id) waiters_.ConfirmBelow(state().next_seq);
}

void Owner::PublishLease(int64_t now) {
  if (role_ != Role::kOwner || released_sent_) return lease_.End();
  int64_t until = newest_handed_ + options_.lease_us / 10 * 9;
  if (log_.exclusive() || options_.mutations.Has(Mutation::kNoLease)) until = kNever;
  if (options_.mutations.Has(Mutation::kLeaseFlag)) {
    const bool runs = now < until && now >= serve_from_;
    return lease_.Set(0, runs ? kNever : 0);
  }
  lease_.Set(serve_from_, until);
}

// An alive record: at once if a read waits for a confirmation and nothing else is under way, and
// after half a lease if reads come.
void Owner::KeepLease(int64_t now) {
  if (log_.exclusive() || !flight_.empty()) return;
  if (!waiters_.need_record()) {
    if (now < next_alive_) return;
    next_alive_ = std::max(now, newest_handed_) + options_.lease_us / 2;
    const bool due = lease_.asked() && now >= newest_handed_ + options_.lease_us / 2;
    if (!due) return;
  }
  lease_.ForgetAsked();
  AppendOwn(kAliveType, AliveValue());
  Flush();
}

// L4. Whoever could not have answered reads yet must not vouch for its predecessor's lease, and
// leaves without a word.
bool Owner::StepHandOver(int64_t now) {
  if (!flight_.empty()) {
    if (!released_sent_ || now < released_deadline_) return false;
    Lose(Why::kWithdrawn, now);
    return true;
  }
  const bool may = now >= serve_from_ || options_.mutations.Has(Mutation::kReleaseEarly);
  if (released_sent_ || !may || !mine()) {
    Lose(Why::kWithdrawn, now);
    return true;
  }
  released_sent_ = true;
  released_deadline_ = now + kReleasedWait;
  lease_.End();
  AppendOwn(kReleasedType, ReleasedValue());
  Flush();
  return true;
}

void Owner::TakeNoPart() {
  follower_.Apply();
  lease_.End();
  producer_.reset();
  flight_ = Flight();
  reports_.clear();
  report_at_ = 0;
  counted_ticket_ = confirmed_;
  ++epoch_;
  role_ = Role::kStopped;
}

int64_t Owner::next_deadline() const {
  if (role_ == Role::kStopped) return kNever;
  int64_t deadline = check_.next_deadline();
  if (role_ != Role::kOwner) {
    deadline = std::min(deadline, next_poll_);
    if (role_ == Role::kClaiming) {
      deadline = std::min(deadline, claim_.handed + options_.claim_timeout_us);
    } else if (assigned_ && !await_assignment_ && !question_.open()) {
      deadline = std::min(deadline, claim_after_);
    }
    return deadline;
  }
  if (report_at_ < reports_.size()) deadline = std::min(deadline, next_poll_);
  if (const auto oldest = flight_.oldest_handed()) {
    deadline = std::min(deadline, *oldest + options_.confirm_timeout_us);
  }
  // Once the take-over wait is over, answers hang on reports and no longer on time.
  if (settled_at_ < serve_from_) deadline = std::min(deadline, serve_from_);
  if (released_sent_) deadline = std::min(deadline, released_deadline_);
  if (!log_.exclusive() && flight_.empty()) deadline = std::min(deadline, next_alive_);
  return deadline;
}

}  // namespace crm::log
