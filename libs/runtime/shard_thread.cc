#include "libs/runtime/shard_thread.h"

#include <algorithm>
#include <chrono>
#include <utility>

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

void ShardThread::Start(shard::Shard& shard, Part part, OnOwning on_owning) {
  shard_ = &shard;
  on_owning_ = std::move(on_owning);
  last_turn_ = clock_.Boottime();
  Play(part);
  thread_ = std::thread([this] { Run(); });
}

void ShardThread::Wake() {
  if (woken_.exchange(true)) return;
  // With the lock, so that the thread is either before its look at `woken_` or asleep.
  { std::lock_guard lock(mutex_); }
  wake_.notify_one();
}

void ShardThread::Play(Part part) {
  {
    const std::lock_guard lock(mutex_);
    if (part == Part::kOwner) handed_over_ = false;
    part_ = part;
    assign_anew_ = true;
  }
  Wake();
}

bool ShardThread::AwaitHandedOver(std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, timeout, [this] { return handed_over_; });
}

void ShardThread::HandOver() {
  ending_ = true;
  Play(Part::kFollower);
}

void ShardThread::Abandon() {
  abandoned_ = true;
  HandOver();
}

void ShardThread::Join() {
  if (thread_.joinable()) thread_.join();
}

log::Follower::Counts ShardThread::counts() const {
  std::lock_guard lock(mutex_);
  return counts_;
}

void ShardThread::Run() {
  int64_t give_up = INT64_MAX;
  bool handed_over = true;
  while (true) {
    woken_ = false;
    const Part part = part_;
    if (assign_anew_.exchange(false)) {
      shard_->Assign(part == Part::kOwner);
      if (part != Part::kOwner) give_up = clock_.Boottime() + kHandOverUs;
    }
    bool more = part != Part::kIdle || !handed_over;
    for (int i = 0; i < kStepsInARow && more && !abandoned_; ++i) more = shard_->Step();
    Publish();
    const auto role = shard_->owner().role();
    const bool over = role == log::Owner::Role::kStandby || role == log::Owner::Role::kStopped;
    handed_over = part != Part::kOwner && over;
    if (handed_over) TellHandedOver();
    if (abandoned_) break;
    if (ending_ && part != Part::kOwner && (over || last_turn() > give_up)) break;
    if (!more) Sleep();
  }
  shard_->Stop();
  TellHandedOver();
}

// To whoever waits for the hand-over.
void ShardThread::TellHandedOver() {
  const std::lock_guard lock(mutex_);
  if (handed_over_ || part_ == Part::kOwner) return;
  handed_over_ = true;
  changed_.notify_all();
}

void ShardThread::Publish() {
  const log::Owner& owner = shard_->owner();
  last_turn_.store(clock_.Boottime(), std::memory_order_relaxed);
  {
    std::lock_guard lock(mutex_);
    counts_ = owner.counts();
  }
  awaits_assignment_.store(owner.awaits_assignment(), std::memory_order_relaxed);
  known_end_.store(owner.known_end(), std::memory_order_relaxed);
  const uint64_t claim = shard_->owning() ? owner.state().claim : 0;
  if (claim != told_claim_ && on_owning_) on_owning_(claim);
  told_claim_ = claim;
  claims_written_.store(shard_->owner().claims_written(), std::memory_order_relaxed);
  if (!in_trouble() && shard_->owner().role() == log::Owner::Role::kStopped) {
    trouble_ = shard_->trouble();
    in_trouble_.store(true, std::memory_order_release);
  }
}

void ShardThread::Sleep() {
  const bool idle = part_ == Part::kIdle;
  const int64_t until_us =
      idle ? kLongestSleepUs
           : std::min(shard_->next_deadline() - clock_.Boottime(), kLongestSleepUs);
  if (until_us <= 0) return;
  std::unique_lock lock(mutex_);
  wake_.wait_for(lock, std::chrono::microseconds(until_us), [this] { return woken_.load(); });
}

}  // namespace crm::runtime
