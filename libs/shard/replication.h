#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "libs/log/question.h"
#include "libs/record/clock.h"
#include "libs/shard/paced_follower.h"
#include "libs/shard/readers.h"
#include "libs/shard/source.h"
#include "libs/store/store.h"

namespace crm::shard {

// Reads a source into the store's replicas, by R1 to R5, on the shard's thread. Owners and standbys
// do alike.
class Replication {
 public:
  // `wake`: Step() should be called soon; from any thread.
  Replication(const Source& source, store::Store& store, const record::Clock& clock,
              std::function<void()> wake);

  // Reads what is due; true if there was something.
  bool Step();
  int64_t next_deadline() const { return follower_.next_step(); }
  // What the source holds when this is called, or later, is to be read before current() (C3).
  void CatchUp();
  bool current() const { return !catching_up_; }
  const std::string& trouble() const { return follower_.trouble(); }

  // The rest is thread-safe.
  // Calls back once the position has been applied, at the deadline, or on Stop.
  void WhenReached(int64_t position, int64_t deadline, Readers::Callback done);
  // Calls back once something after this position has been applied, after 30 s without, or on Stop.
  void WhenAfter(int64_t position, std::function<void()> done);
  void Stop() { readers_.Stop(); }
  const Source& source() const { return source_; }
  int64_t applied() const { return applied_.load(std::memory_order_acquire); }
  uint64_t log_id() const { return log_id_.load(std::memory_order_relaxed); }  // 0: nothing read
  // Offset after which nothing of the tenant has been applied. That of where this process began to
  // read, if there was nothing since.
  int64_t ChangedAt(const std::string& tenant) const;
  // Where the source ended when it was asked last; -1: never.
  int64_t end() const { return end_.load(std::memory_order_relaxed); }
  // Boottime at which an end was asked for that has been read since: nothing that was there before
  // is missing. 0: never.
  int64_t current_as_of() const { return current_as_of_.load(std::memory_order_relaxed); }
  uint64_t skipped() const { return skipped_.load(std::memory_order_relaxed); }

 private:
  void Ask(int64_t now);
  void NoteChanged(int64_t read_up_to);

  const Source source_;
  const record::Clock& clock_;
  const std::unique_ptr<store::Replicas> replicas_;
  Readers readers_;
  PacedFollower follower_;
  log::Question end_asked_;
  const int64_t began_at_;
  mutable std::mutex mutex_;
  std::map<std::string, int64_t, std::less<>> changed_at_;  // by tenant
  bool catching_up_ = false;
  int64_t next_ask_ = 0;
  int64_t asked_at_ = 0;
  int64_t asked_end_ = -1;  // to be reached; -1: it has been
  std::atomic<int64_t> applied_{0};
  std::atomic<uint64_t> log_id_{0};
  std::atomic<int64_t> end_{-1};
  std::atomic<int64_t> current_as_of_{0};
  std::atomic<uint64_t> skipped_{0};
};

}  // namespace crm::shard
