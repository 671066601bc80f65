#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "libs/log/content_check.h"
#include "libs/log/flight.h"
#include "libs/log/follower.h"
#include "libs/log/lease.h"
#include "libs/log/log.h"
#include "libs/log/mutations.h"
#include "libs/log/question.h"
#include "libs/log/waiters.h"
#include "libs/record/clock.h"

// The writer's half of the log's protocol (claiming C1 to C4, appending A1 to A5, lease L1 to L5,
// impossible things R5) as a state machine without threads: whoever owns it calls Step(), and
// everything else but AwaitConfirmation() and lease(), on one thread.
namespace crm::log {

class Owner {
 public:
  struct Options {
    int partition = 0;
    std::string address;
    std::string source;  // ce_source and ce_dataschema of the log's own records
    std::string dataschema;
    int64_t lease_us = 3'000'000;
    int64_t confirm_timeout_us = 10'000'000;  // A4
    int64_t claim_timeout_us = 10'000'000;    // C2
    size_t read_bytes = 4 << 20;
    [[no_unique_address]] Mutations mutations;
  };
  enum class Role {
    kStandby,   // reads and applies, takes no commands
    kClaiming,  // its claim is written, but does not count yet
    kOwner,     // may decide and append; see also confirmed()
    kStopped,   // R5: something impossible was seen, or the log is broken; trouble() says what
  };

  // `wake` is called from any thread when Step() may have something to do.
  Owner(Options options, Log& log, Projection& projection, const record::Clock& clock,
        record::Random& random, std::function<void()> wake);
  ~Owner();

  // The partition is ours to claim, or no longer. To be called again with true each time that the
  // assignment is confirmed: whoever lost a claim to somebody else waits for that (C4). Withdrawing
  // it hands over (L4): Role goes to kStandby once everything in flight is confirmed and `released`
  // is written (or a second passed).
  void Assign(bool assigned);

  // Something impossible was seen outside of the log: takes no part any more (R5).
  void Stop(std::string trouble) { follower_.Stop(std::move(trouble)); }

  // One round: reports, reading, claiming, time limits. True if it did something, so that another
  // round may do more. Commits that count are applied before it returns.
  bool Step();
  // Boottime at which Step() wants to be called even if nobody wakes it.
  int64_t next_deadline() const;

  Role role() const { return role_; }
  // Commits may be appended: it is the owner, and not about to hand over.
  bool may_append() const { return role_ == Role::kOwner && assigned_ && !released_sent_; }
  // It was beaten or deposed, and claims again only once the assignment was confirmed (C4).
  bool awaits_assignment() const { return assigned_ && await_assignment_; }
  // It is the owner or tries to become it: commands may wait for that.
  bool expects_commands() const { return assigned_ && !await_assignment_; }
  // Grows whenever everything unanswered becomes unknown (A4, deposed) or a new claim counts.
  uint64_t epoch() const { return epoch_; }

  // The events of one commit (1 to 1000), as kOwner and assigned. Fills in claim, sequence, commit
  // index, recorded time; returns the commit's ticket. Tickets grow for ever; with a new epoch
  // those above confirmed() are unknown.
  struct NewEvent {
    Envelope envelope;
    std::string value;
  };
  uint64_t Append(std::vector<NewEvent> events);
  // The same for a reactor's position record, a commit by itself.
  uint64_t AppendReached(const event::v1::Reached& reached);
  // Sends what Append took since the last call as one group.
  void Flush();
  // Commits appended and not confirmed yet, in bytes: to bound what is under way.
  size_t bytes_under_way() const { return flight_.bytes(); }

  // The take-over wait is over (L3): what the projection holds may be answered as done, such as the
  // outcome of a request that comes for the second time.
  bool answers() const { return role_ == Role::kOwner && settled_at_ >= serve_from_; }

  // Every commit up to this ticket counts, is applied, and may be answered OK (A2, L3).
  uint64_t confirmed() const { return confirmed_; }

  const Lease& lease() const { return lease_; }
  // For a default read that found the lease expired, and for confirmed reads (a barrier): `done` is
  // called on the stepping thread with true once a record handed over after this call is confirmed
  // and reads may be served, with false when that can not be told. Thread-safe. Never called from
  // inside AwaitConfirmation.
  void AwaitConfirmation(std::function<void(bool)> done);

  // The furthest that the log's end was asked to be, or that something was read up to.
  int64_t known_end() const { return std::max(asked_end_, state().next); }
  // L5: boottime at which the end was asked for that has been reached since; 0: never.
  int64_t current_as_of() const { return current_as_of_; }

  const Automaton::State& state() const { return follower_.state(); }
  const std::string& trouble() const { return follower_.trouble(); }
  const Follower::Counts& counts() const { return follower_.counts(); }
  uint64_t claims_written() const { return claims_written_; }

 private:
  enum class Why { kLost, kDeposed, kFailed, kWithdrawn };
  struct Claim {  // the one being written or held
    uint64_t number = 0;
    uint64_t id = 0;
    int64_t handed = 0;
    bool failed = false;
    bool reported = false;
  };

  // owner.cc
  bool StepRole(int64_t now);
  bool StepOwner(int64_t now);
  void Settle(int64_t now);
  void PublishLease(int64_t now);
  void KeepLease(int64_t now);
  bool StepHandOver(int64_t now);
  bool CheckNow(int64_t now);
  void TakeNoPart();

  // owner_claim.cc
  bool StepStandby(int64_t now);
  void AskEnd(int64_t now, bool to_claim);
  Follower::Found HearEnd();
  bool StepClaiming(int64_t now);
  bool MayClaim(int64_t now) const;
  void WriteClaim();
  void Activate();
  void Lose(Why why, int64_t now);
  void PlanClaim(Why why, int64_t now);

  // owner_append.cc
  enum class Considered { kDone, kAgain, kLater, kLost };
  void AppendOwn(std::string_view type, std::string_view value);
  Envelope OwnEnvelope(std::string_view type, uint64_t seq);
  void FillIn(Envelope* envelope, uint64_t seq);
  bool WorkReports(int64_t now);
  Considered Consider(const Report& report, int64_t now);
  Considered ReadUpTo(const Report& report, int64_t now);
  bool mine() const;
  bool Counted(uint64_t seq) const;

  const Options options_;
  Log& log_;
  const record::Clock& clock_;
  record::Random& random_;
  std::function<void()> wake_;
  Follower follower_;
  ContentCheck check_;
  Lease lease_;
  Waiters waiters_;
  Role role_ = Role::kStandby;
  int64_t next_poll_ = 0;             // when to look at the log again
  std::atomic<bool> arrived_{false};  // or before, if the log tells that there is more
  const std::shared_ptr<void> watch_;
  // A standby's, for the log's end: a broker may take its time.
  Question question_;
  int64_t next_ask_ = 0;         // when to ask again
  int64_t asking_since_ = 0;     // what is open
  bool asked_to_claim_ = false;  // the same: asked since there may be a claim (C1)
  int64_t asked_at_ = -1;        // the newest that was answered; -1: it was not
  int64_t asked_end_ = 0;
  int64_t current_as_of_ = 0;

  bool assigned_ = false;
  bool await_assignment_ = false;  // C4
  int64_t claim_after_ = 0;
  int attempts_ = 0;  // claims lost since a commit was confirmed
  uint64_t claims_written_ = 0;
  Claim claim_;
  std::unique_ptr<Producer> producer_;

  uint64_t epoch_ = 0;
  Flight flight_;
  uint64_t next_seq_ = 1;
  int64_t recorded_time_us_ = 0;
  uint64_t last_ticket_ = 0;
  uint64_t counted_ticket_ = 0;  // complete, but perhaps not to be answered yet (L3)
  uint64_t confirmed_ = 0;
  std::vector<Report> reports_;  // in the order they came; those before report_at_ are done
  size_t report_at_ = 0;
  int64_t read_target_ = -1;  // where a report of unknown place makes us read to

  int64_t newest_handed_ = 0;  // L1: of the newest confirmed record
  int64_t serve_from_ = 0;     // L3
  int64_t settled_at_ = 0;
  int64_t next_alive_ = 0;
  bool released_sent_ = false;
  int64_t released_deadline_ = 0;
};

}  // namespace crm::log
