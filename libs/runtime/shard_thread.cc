#include "libs/runtime/shard_thread.h"

#include <algorithm>
#include <chrono>

namespace crm::runtime {
namespace {

// An idle loop comes round this often, so that the watchdog sees it turn.
constexpr int64_t kLongestSleepUs = 1'000'000;
// The owner itself gives up handing over after a second; this is for a log that answers nothing.
constexpr int64_t kHandOverUs = 5'000'000;
// Steps without a look at the clock and the counters.
constexpr int kStepsInARow = 64;

}  // namespace

ShardThread::~ShardThread() {
  HandOver();
  Join();
}

void ShardThread::Start(shard::Shard& shard) {
  shard_ = &shard;
  last_turn_ = clock_.Boottime();
  thread_ = std::thread([this] { Run(); });
}

void ShardThread::Wake() {
  if (woken_.exchange(true)) return;
  // With the lock, so that the thread is either before its look at `woken_` or asleep.
  { std::lock_guard lock(mutex_); }
  wake_.notify_one();
}

void ShardThread::HandOver() {
  handing_over_ = true;
  Wake();
}

void ShardThread::Join() {
  if (thread_.joinable()) thread_.join();
}

log::Follower::Counts ShardThread::counts() const {
  std::lock_guard lock(mutex_);
  return counts_;
}

void ShardThread::Run() {
  shard_->Assign(true);
  bool assigned = true;
  int64_t give_up = INT64_MAX;
  while (true) {
    woken_ = false;
    if (handing_over_ && assigned) {
      assigned = false;
      shard_->Assign(false);
      give_up = clock_.Boottime() + kHandOverUs;
    }
    bool more = true;
    for (int i = 0; i < kStepsInARow && more; ++i) more = shard_->Step();
    Publish();
    const auto role = shard_->owner().role();
    const bool over = role == log::Owner::Role::kStandby || role == log::Owner::Role::kStopped;
    if (!assigned && (over || last_turn() > give_up)) break;
    if (!more) Sleep();
  }
  shard_->Stop();
}

void ShardThread::Publish() {
  last_turn_.store(clock_.Boottime(), std::memory_order_relaxed);
  {
    std::lock_guard lock(mutex_);
    counts_ = shard_->owner().counts();
  }
  claims_written_.store(shard_->owner().claims_written(), std::memory_order_relaxed);
  if (!in_trouble() && shard_->owner().role() == log::Owner::Role::kStopped) {
    trouble_ = shard_->trouble();
    in_trouble_.store(true, std::memory_order_release);
  }
}

void ShardThread::Sleep() {
  const int64_t until_us = std::min(shard_->next_deadline() - clock_.Boottime(), kLongestSleepUs);
  if (until_us <= 0) return;
  std::unique_lock lock(mutex_);
  wake_.wait_for(lock, std::chrono::microseconds(until_us), [this] { return woken_.load(); });
}

}  // namespace crm::runtime
