#include "libs/shard/readers.h"

#include <algorithm>

namespace crm::shard {

template <class Predicate>
std::vector<Readers::Waiter> Readers::Take(Predicate is_due) {
  auto due = std::partition(waiters_.begin(), waiters_.end(),
                            [&](const Waiter& waiter) { return !is_due(waiter); });
  std::vector<Waiter> taken(std::make_move_iterator(due), std::make_move_iterator(waiters_.end()));
  waiters_.erase(due, waiters_.end());
  return taken;
}

void Readers::When(int64_t position, int64_t deadline, Callback done) {
  Why why = Why::kApplied;
  {
    std::lock_guard lock(mutex_);
    if (!stopped_ && applied_ <= position) {
      waiters_.push_back({position, deadline, std::move(done)});
      return;
    }
    if (stopped_ && applied_ <= position) why = Why::kStopped;
  }
  done(why);
}

void Readers::Applied(int64_t applied) {
  std::vector<Waiter> due;
  {
    std::lock_guard lock(mutex_);
    applied_ = applied;
    if (waiters_.empty()) return;
    due = Take([&](const Waiter& waiter) { return waiter.position < applied; });
  }
  for (Waiter& waiter : due) waiter.done(Why::kApplied);
}

void Readers::Expire(int64_t boottime) {
  std::vector<Waiter> due;
  {
    std::lock_guard lock(mutex_);
    if (waiters_.empty()) return;
    due = Take([&](const Waiter& waiter) { return waiter.deadline <= boottime; });
  }
  for (Waiter& waiter : due) waiter.done(Why::kDeadline);
}

int64_t Readers::next_deadline() const {
  std::lock_guard lock(mutex_);
  int64_t next = INT64_MAX;
  for (const Waiter& waiter : waiters_) next = std::min(next, waiter.deadline);
  return next;
}

void Readers::Stop() {
  std::vector<Waiter> all;
  {
    std::lock_guard lock(mutex_);
    stopped_ = true;
    all.swap(waiters_);
  }
  for (Waiter& waiter : all) waiter.done(Why::kStopped);
}

}  // namespace crm::shard
