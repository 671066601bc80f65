#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>

namespace crm::log::kafka {

// How long an answer of the brokers is waited for: a second where they are near, so that one that
// is gone holds nobody up for long, and longer where answers take longer. One log's clients share
// it; thread-safe.
class Patience {
 public:
  using Duration = std::chrono::milliseconds;
  Duration Now() const { return Duration(now_ms_); }
  void Heard(std::chrono::steady_clock::duration took) {
    // A question may have to wait for two answers to others.
    const auto enough = 3 * std::chrono::duration_cast<Duration>(took).count();
    now_ms_ = std::clamp(enough, kLeastMs, kMostMs);
  }
  // None came within what `Now()` said when the wait began.
  void Missed(Duration waited) { now_ms_ = std::clamp(2 * waited.count(), kLeastMs, kMostMs); }

 private:
  static constexpr Duration::rep kLeastMs = 1'000;
  static constexpr Duration::rep kMostMs = 8'000;
  std::atomic<Duration::rep> now_ms_{kLeastMs};
};

}  // namespace crm::log::kafka
