#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string>

// What was under way when a process ended, in a page of memory that outlives it: beside the store,
// in `<path>.attempts`, four numbers of 8 bytes as the machine writes them:
//
//   attempts := applying failed failures loads
//
// `applying`, `failed`: a commit's position plus one, 0 for none. Setting them costs no more than a
// store to memory, so it is done for each commit. A power failure may lose them, and makes no
// commit fail.
namespace crm::store {

class Attempts {
 public:
  // Without a path (a store in memory) nothing outlives the process. `forget`: the store is built
  // anew, perhaps by a release that does better.
  Attempts(const std::string& path, bool forget);
  ~Attempts();
  Attempts(const Attempts&) = delete;
  Attempts& operator=(const Attempts&) = delete;

  void Begin(int64_t position) { At(kApplying) = position + 1; }
  void End() { At(kApplying) = 0; }
  // Twice a process ended while it applied this commit, and not another one since.
  bool FailedTwice(int64_t position) const {
    return At(kFailed) == position + 1 && At(kFailures) >= 2;
  }
  // A commit failed that is not before `next`: it is to be found again by itself.
  bool FailedBehind(int64_t next) const { return At(kFailed) > next; }

  void BeginLoad() { At(kLoads) = At(kLoads) + 1; }
  void EndLoad() { At(kLoads) = 0; }
  // So often in a row did a load end with the process.
  int64_t failed_loads() const { return failed_loads_; }

 private:
  enum Number { kApplying, kFailed, kFailures, kLoads, kNumbers };
  std::atomic<int64_t>& At(Number number) { return numbers_[number]; }
  int64_t At(Number number) const { return numbers_[number].load(); }

  std::array<std::atomic<int64_t>, kNumbers> own_{};
  std::atomic<int64_t>* numbers_ = own_.data();
  int64_t failed_loads_ = 0;
};

}  // namespace crm::store
