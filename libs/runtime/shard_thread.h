#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "libs/log/follower.h"
#include "libs/record/clock.h"
#include "libs/shard/shard.h"

namespace crm::runtime {

// The thread that drives one shard: it steps while there is something to do, and else sleeps until
// it is woken or the shard's next deadline.
class ShardThread {
 public:
  // What the shard is to be. An idle one stands still, with what it has.
  enum class Part { kIdle, kFollower, kOwner };
  // That the shard owns its partition now, under the claim of this number, or no longer (0). On the
  // shard's thread.
  using OnOwning = std::function<void(uint64_t claim)>;

  // Both must outlive it.
  explicit ShardThread(const record::Clock& clock) : clock_(clock) {}
  ~ShardThread();

  // Begins to drive the shard.
  void Start(shard::Shard& shard, Part part, OnOwning on_owning = {});
  // Gives the shard its partition, or lets it hand that over. kOwner, again: the assignment was
  // confirmed since (C4). Thread-safe; returns at once.
  void Play(Part part);
  // False: it has not handed over its partition after this time.
  bool AwaitHandedOver(std::chrono::milliseconds timeout);
  // There may be something to do. Thread-safe, and cheap while the thread is awake.
  void Wake();
  // Hands the partition over, stops the shard and ends the thread. HandOver returns at once, Join
  // when it is done.
  void HandOver();
  void Join();
  // The log answers nothing: it ends without handing over.
  void Abandon();

  // When the loop last came round, in boottime; thread-safe.
  int64_t last_turn() const { return last_turn_.load(std::memory_order_relaxed); }
  // The shard has seen something impossible and takes no part any more; thread-safe.
  bool in_trouble() const { return in_trouble_.load(std::memory_order_acquire); }
  // What it was; only once in_trouble().
  const std::string& trouble() const { return trouble_; }
  // It was beaten by another claim, and needs to know whether the partition is still its own (C4).
  bool awaits_assignment() const { return awaits_assignment_.load(std::memory_order_relaxed); }
  // Where the log ended when it was asked last, as far as the shard knows.
  int64_t known_end() const { return known_end_.load(std::memory_order_relaxed); }
  log::Follower::Counts counts() const;
  uint64_t claims_written() const { return claims_written_.load(std::memory_order_relaxed); }

 private:
  void Run();
  void Publish();
  void TellHandedOver();
  void Sleep();

  const record::Clock& clock_;
  shard::Shard* shard_ = nullptr;
  std::thread thread_;

  OnOwning on_owning_;
  uint64_t told_claim_ = 0;

  std::atomic<bool> woken_{false};
  std::atomic<Part> part_{Part::kIdle};
  std::atomic<bool> assign_anew_{false};
  std::atomic<bool> ending_{false};
  std::atomic<bool> abandoned_{false};
  bool handed_over_ = true;  // under the mutex
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable changed_;

  std::atomic<int64_t> last_turn_{0};
  std::atomic<bool> in_trouble_{false};
  std::atomic<bool> awaits_assignment_{false};
  std::atomic<int64_t> known_end_{-1};
  std::atomic<uint64_t> claims_written_{0};
  std::string trouble_;
  log::Follower::Counts counts_;  // under the mutex
};

}  // namespace crm::runtime
