#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "libs/log/automaton.h"
#include "libs/log/log.h"
#include "libs/record/clock.h"

// The writer's half of the log's protocol (claiming C1 to C4, appending A1 to A5, lease L1 to L5,
// impossible things R5) as a state machine without threads: whoever owns it calls Step().
namespace crm::log {

// Where commits that count go.
class Projection {
 public:
  virtual ~Projection() = default;
  // The saved state; a default one if there is nothing.
  virtual Automaton::State Load() = 0;
  // All or nothing, together with the state after it. Commits may be empty.
  virtual void Apply(std::span<const Commit> commits, const Automaton::State& after) = 0;
};

// A default read may be answered while the lease runs. Shared with reading threads.
class Lease {
 public:
  // L2: compares with the clock at this moment.
  bool Valid(int64_t boottime) const {
    return boottime < until_.load(std::memory_order_acquire) &&
           boottime >= from_.load(std::memory_order_acquire);
  }

 private:
  friend class Owner;
  std::atomic<int64_t> until_{0};
  std::atomic<int64_t> from_{0};
};

class Owner {
 public:
  struct Options {
    int partition = 0;
    std::string address;
    int64_t lease_us = 3'000'000;
    int64_t confirm_timeout_us = 10'000'000;  // A4
    int64_t claim_timeout_us = 10'000'000;    // C2
    size_t read_bytes = 4 << 20;
  };
  enum class Role {
    kStandby,   // reads and applies, takes no commands
    kClaiming,  // its claim is written, but does not count yet
    kOwner,     // may decide and append; see also confirmed()
    kStopped,   // R5: something impossible was seen; trouble() says what
  };

  // `wake` is called from any thread when Step() may have something to do.
  Owner(Options options, Log& log, Projection& projection, const record::Clock& clock,
        record::Random& random, std::function<void()> wake);
  ~Owner();

  // The partition is ours to claim, or no longer. Withdrawing it hands over (L4): Role goes to
  // kStandby once everything in flight is confirmed and `released` is written (or a second passed).
  void Assign(bool assigned);

  // One round: reports, reading, claiming, time limits. True if it did something, so that another
  // round may do more. Commits that count are applied before it returns.
  bool Step();
  // Boottime at which Step() wants to be called even if nobody wakes it.
  int64_t next_deadline() const;

  Role role() const { return role_; }
  // Grows whenever everything unanswered becomes unknown (A4, deposed) or a new claim counts.
  uint64_t epoch() const { return epoch_; }

  // The events of one commit, as kOwner. Fills in claim, sequence, commit index, recorded time;
  // returns the commit's ticket, growing within an epoch.
  struct NewEvent {
    Envelope envelope;
    std::string value;
  };
  uint64_t Append(std::vector<NewEvent> events);
  // Sends what Append took since the last call as one group.
  void Flush();
  // Commits appended and not confirmed yet, in bytes: to bound what is under way.
  size_t bytes_under_way() const;

  // Every commit up to this ticket counts, is applied, and may be answered OK (A2, L3).
  uint64_t confirmed() const { return confirmed_; }

  const Lease& lease() const { return lease_; }
  // For a default read that found the lease expired, and for confirmed reads (a barrier): `done` is
  // called on the stepping thread with true once a record handed over after this call is confirmed
  // and reads may be served, with false when that can not be told. Thread-safe.
  void AwaitConfirmation(std::function<void(bool)> done);

  const Automaton::State& state() const { return automaton_.state(); }
  const std::string& trouble() const;

  struct Counts {  // messages skipped, by reason, and claims written, since the start
    uint64_t void_claims = 0, deposed = 0, after_end = 0, duplicates = 0, holes = 0, incomplete = 0;
    uint64_t claims = 0;
  };
  const Counts& counts() const { return counts_; }

 private:
  struct Flight;
  Options options_;
  Log& log_;
  Projection& projection_;
  const record::Clock& clock_;
  record::Random& random_;
  std::function<void()> wake_;
  Automaton automaton_;
  Lease lease_;
  Role role_ = Role::kStandby;
  uint64_t epoch_ = 0;
  uint64_t confirmed_ = 0;
  Counts counts_;
  std::unique_ptr<Flight> flight_;
};

}  // namespace crm::log
