#include "libs/log/waiters.h"

#include <algorithm>
#include <utility>

namespace crm::log {

void Waiters::Add(Done done) {
  std::lock_guard lock(mutex_);
  inbox_.push_back({std::move(done), 0});
  came_ = true;
}

void Waiters::Collect() {
  if (!came_.load()) return;
  std::lock_guard lock(mutex_);
  came_ = false;
  std::move(inbox_.begin(), inbox_.end(), std::back_inserter(waiting_));
  inbox_.clear();
}

void Waiters::Aim(uint64_t seq) {
  for (auto waiter = waiting_.rbegin(); waiter != waiting_.rend() && waiter->seq == 0; ++waiter) {
    waiter->seq = seq;
  }
}

void Waiters::ConfirmBelow(uint64_t next_seq) {
  auto end = waiting_.begin();
  while (end != waiting_.end() && end->seq != 0 && end->seq < next_seq) ++end;
  if (end == waiting_.begin()) return;
  // They may come back with another wait, so they are taken out first.
  std::vector<Waiter> done(std::make_move_iterator(waiting_.begin()), std::make_move_iterator(end));
  waiting_.erase(waiting_.begin(), end);
  for (Waiter& waiter : done) waiter.done(true);
}

void Waiters::AnswerAll(bool answer) {
  Collect();
  for (Waiter& waiter : std::exchange(waiting_, {})) waiter.done(answer);
}

}  // namespace crm::log
