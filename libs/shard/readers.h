#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <vector>

#include "libs/record/clock.h"

namespace crm::shard {

// Callers that wait for a position. Thread-safe.
class Readers {
 public:
  enum class Why { kApplied, kDeadline, kStopped };
  using Callback = std::function<void(Why)>;

  // `applied`: offset after the last applied message, now. Calls back at once if that is already
  // beyond the position.
  void When(int64_t position, int64_t deadline, Callback done);
  void Applied(int64_t applied);
  // Calls back those whose deadline has passed.
  void Expire(int64_t boottime);
  int64_t next_deadline() const;
  void Stop();

 private:
  struct Waiter {
    int64_t position;
    int64_t deadline;
    Callback done;
  };
  // Takes out the waiters for which `is_due` holds.
  template <class Predicate>
  std::vector<Waiter> Take(Predicate is_due);

  mutable std::mutex mutex_;
  int64_t applied_ = 0;
  bool stopped_ = false;
  std::vector<Waiter> waiters_;
};

}  // namespace crm::shard
