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
  using Clock = std::chrono::steady_clock;
  using Duration = std::chrono::milliseconds;
  Duration Now() const { return Duration(now_ms_); }
  void Heard(Clock::duration took) {
    // A question may have to wait for two answers to others.
    const auto enough = 3 * std::chrono::duration_cast<Duration>(took).count();
    now_ms_ = std::clamp(enough, kLeastMs, kMostMs);
    unanswered_since_ = 0;
  }
  // A question that was asked then was not answered, for whatever reason.
  void Unanswered(Clock::time_point asked) {
    Clock::rep none = 0;
    unanswered_since_.compare_exchange_strong(none, asked.time_since_epoch().count());
  }
  // No answer has come for as long as one is waited for, since somebody asked.
  bool silent() const {
    const Clock::duration since(unanswered_since_.load());
    return since.count() != 0 && Clock::now().time_since_epoch() - since >= Now();
  }
  // It is over for good.
  void End() { ended_ = true; }
  bool ended() const { return ended_; }
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
  std::atomic<Clock::rep> unanswered_since_{0};  // 0: all that was asked lately was answered
  std::atomic<bool> ended_{false};
};

}  // namespace crm::log::kafka
