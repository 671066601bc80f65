#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>

namespace crm::log::kafka {

// How long an answer of the brokers is waited for: a second, so that one that is gone holds nobody
// up, and longer where answers are known to take longer. What they take is found out aside, by a
// question that waits as long as it must, after one that was given up. One log's clients share it;
// thread-safe.
class Patience {
 public:
  using Duration = std::chrono::milliseconds;
  Duration Now() const { return Duration(now_ms_); }
  void Heard(std::chrono::steady_clock::duration took) {
    // A question may have to wait for two answers to others.
    const auto enough = 3 * std::chrono::duration_cast<Duration>(took).count();
    now_ms_ = std::clamp(enough, kLeastMs, kMostMs);
  }
  // No answer came within what Now() said when it was asked for; more may be known since.
  void Missed(Duration waited) {
    if (waited < Now()) return;
    now_ms_ = kLeastMs;
    in_doubt_ = true;
  }
  // Whether that is to be found out; once for all that were missed.
  bool TakeDoubt() { return in_doubt_.exchange(false); }

 private:
  static constexpr Duration::rep kLeastMs = 1'000;
  static constexpr Duration::rep kMostMs = 10'000;
  std::atomic<Duration::rep> now_ms_{kLeastMs};
  std::atomic<bool> in_doubt_{false};
};

}  // namespace crm::log::kafka
