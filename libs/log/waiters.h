#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <vector>

namespace crm::log {

// Reads that wait until a record handed over after they came is confirmed.
class Waiters {
 public:
  using Done = std::function<void(bool)>;

  // From any thread.
  void Add(Done done);

  // The others on the stepping thread. Takes in who came since the last call.
  void Collect();
  bool empty() const { return waiting_.empty(); }
  // Somebody waits for a record that was not handed over yet.
  bool need_record() const { return !waiting_.empty() && waiting_.back().seq == 0; }
  // The record that those wait for is being handed over: it begins with this sequence.
  void Aim(uint64_t seq);
  // Everything below this sequence is confirmed.
  void ConfirmBelow(uint64_t next_seq);
  // Who waits, those included who came since the last Collect.
  void AnswerAll(bool answer);

 private:
  struct Waiter {
    Done done;
    uint64_t seq = 0;  // 0: not handed over yet
  };
  std::mutex mutex_;
  std::atomic<bool> came_{false};
  std::vector<Waiter> inbox_;
  std::vector<Waiter> waiting_;  // in the order they came
};

}  // namespace crm::log
