#pragma once

#include <atomic>
#include <cstdint>

namespace crm::log {

// A default read may be answered while the lease runs (L1 to L3). Shared with reading threads.
class Lease {
 public:
  // L2: compares with the clock at this moment. It also tells the owner that reads come, so that it
  // keeps the lease running.
  bool Valid(int64_t boottime) const {
    if (!asked_.load(std::memory_order_relaxed)) asked_.store(true, std::memory_order_relaxed);
    return boottime < until_.load(std::memory_order_acquire) &&
           boottime >= from_.load(std::memory_order_acquire);
  }

 private:
  friend class Owner;
  // Readers look at the end first, so a new claim's beginning is set before its end.
  void Set(int64_t from, int64_t until) {
    from_.store(from, std::memory_order_release);
    until_.store(until, std::memory_order_release);
  }
  void End() { until_.store(0, std::memory_order_release); }
  bool asked() const { return asked_.load(std::memory_order_relaxed); }
  void ForgetAsked() { asked_.store(false, std::memory_order_relaxed); }

  std::atomic<int64_t> until_{0};
  std::atomic<int64_t> from_{0};
  mutable std::atomic<bool> asked_{false};
};

}  // namespace crm::log
