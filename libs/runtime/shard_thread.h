#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
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
  // Both must outlive it.
  explicit ShardThread(const record::Clock& clock) : clock_(clock) {}
  ~ShardThread();

  // Gives the shard its partition and begins to drive it.
  void Start(shard::Shard& shard);
  // There may be something to do. Thread-safe, and cheap while the thread is awake.
  void Wake();
  // Hands the partition over, stops the shard and ends the thread. HandOver returns at once, Join
  // when it is done.
  void HandOver();
  void Join();

  // When the loop last came round, in boottime; thread-safe.
  int64_t last_turn() const { return last_turn_.load(std::memory_order_relaxed); }
  // The shard has seen something impossible and takes no part any more; thread-safe.
  bool in_trouble() const { return in_trouble_.load(std::memory_order_acquire); }
  // What it was; only once in_trouble().
  const std::string& trouble() const { return trouble_; }
  log::Follower::Counts counts() const;
  uint64_t claims_written() const { return claims_written_.load(std::memory_order_relaxed); }

 private:
  void Run();
  void Publish();
  void Sleep();

  const record::Clock& clock_;
  shard::Shard* shard_ = nullptr;
  std::thread thread_;

  std::atomic<bool> woken_{false};
  std::atomic<bool> handing_over_{false};
  mutable std::mutex mutex_;
  std::condition_variable wake_;

  std::atomic<int64_t> last_turn_{0};
  std::atomic<bool> in_trouble_{false};
  std::atomic<uint64_t> claims_written_{0};
  std::string trouble_;
  log::Follower::Counts counts_;  // under the mutex
};

}  // namespace crm::runtime
