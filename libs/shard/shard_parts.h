#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "libs/shard/decide.h"
#include "libs/shard/operations.h"
#include "libs/shard/overlay.h"
#include "libs/shard/own_command.h"
#include "libs/shard/queue.h"
#include "libs/shard/rates.h"
#include "libs/shard/reaction.h"
#include "libs/shard/readers.h"
#include "libs/shard/replication.h"
#include "libs/shard/shard.h"
#include "libs/shard/timers.h"

namespace crm::shard {

// A decided command that waits for its answer: until its commit, and every commit that deciding it
// may have seen, is confirmed.
struct Pending {
  uint64_t ticket = 0;
  std::unique_ptr<Command> command;  // null: nobody waits
  Outcome outcome;
  bool wrote = false;
  bool repeats = false;  // the answer is built from the commit of an earlier call, under way now
  int64_t seen = -1;     // of what wrote nothing: what had been applied when it was decided
};

// The store, and what happens besides when commits are applied.
class Applied final : public log::Projection {
 public:
  Applied(store::Store& store, Readers& readers) : store_(store), readers_(readers) {}
  log::Automaton::State Load() override;
  void Expect(int64_t end) override { store_.Expect(end); }
  void Apply(std::span<const log::Commit> commits, const log::Automaton::State& after) override;

  int64_t next() const { return next_.load(std::memory_order_acquire); }
  uint64_t log_id() const { return log_id_.load(std::memory_order_acquire); }
  // Own commits become positions of these, in the order in which they were appended.
  std::deque<Pending*> awaiting;

 private:
  store::Store& store_;
  Readers& readers_;
  std::atomic<int64_t> next_{0};
  std::atomic<uint64_t> log_id_{0};
};

struct Shard::Parts {
  Parts(Options options, const record::Catalogue& catalogue, const Behaviours& behaviours,
        log::Log& log, store::Store& store, const record::Clock& clock, record::Random& random,
        std::function<void()> wake);

  // shard.cc
  bool FollowSources();
  bool React();
  bool current() const;  // everything that is followed has been caught up with (C3)

  // deciding.cc
  bool DecideSome();
  std::unique_ptr<Command> Next();                   // null: none waits
  bool DecideOne(std::unique_ptr<Command> command);  // false: it has to wait, and is held
  bool Hold(std::unique_ptr<Command> command);       // false
  bool IsParked(const Command& command) const;       // its tenant
  bool Settles();
  bool DecideOwnWork();  // a timer, an event for a reactor; false: there is none
  // `due_first`: what is due of the tenant comes before it.
  OwnOutcome DecideOwn(Command command, bool due_first);
  uint64_t Note(const event::v1::Reached& reached);
  record::Status Obey(const Command& command);
  Transaction::Context Context(const Command& command);
  // What the store has of a tenant: looked up once while nothing is applied.
  const std::optional<store::TenantEntry>& TenantOf(const std::string& tenant) const;
  void ForgetLookups();  // something may have been applied
  std::optional<record::Instant> TimeFor(const Command& command, record::Status* status) const;
  std::optional<record::Instant> ReachTime(const Command& command, record::Status* status);
  void Distrust(record::Status* status);
  void Append(const Command& command, const std::string& response, Transaction& tx,
              record::Instant time);
  void AwaitCommit(std::unique_ptr<Command> command, Outcome outcome);
  bool Refuse(std::unique_ptr<Command> command, record::Status status);  // true: it is done with
  bool Await(std::unique_ptr<Command> command, Outcome outcome, bool repeats = false);  // true

  // repeated.cc
  // What a command is answered that was decided before; `under_way`: once that is confirmed.
  struct Repeated {
    Outcome outcome;
    bool under_way = false;
  };
  std::optional<Repeated> FindRepeated(const Command& command) const;
  std::optional<Repeated> KnownRequest(const Command& command) const;
  std::optional<Repeated> DoneNumber(const Command& command) const;
  bool SeenRequest(const Command& command) const;

  // answering.cc
  bool AnswerConfirmed();
  void Answer(Pending& next);
  void FailPending();
  bool RefuseWaiting();  // what was not decided yet; true if there was something
  bool RefuseAll();      // what is under way, too
  void ReadNow(const ReadOptions& read, std::function<void(ReadResult)> done);

  const Options options;
  const record::Catalogue& catalogue;
  const Behaviours& behaviours;
  store::Store& store;
  const record::Clock& clock;
  record::Random& random;
  const std::function<void()> wake;
  const bool exclusive;
  const Replicated replicas;

  CommandQueue queue;
  Readers readers;
  Applied applied;
  Overlay overlay;
  log::Owner owner;
  std::vector<std::unique_ptr<Replication>> replications;
  Timers timers;
  Operations operations;
  std::vector<std::unique_ptr<Reaction>> reactions;
  std::deque<Pending> pending;
  std::unique_ptr<Command> held;  // decided once nothing is under way
  mutable std::optional<std::pair<std::string, std::optional<store::TenantEntry>>> tenant_known;
  Rates rates;
  bool settling = false;    // what is hidden changes with a commit under way
  int since_operation = 0;  // commands decided since a step of one
  uint64_t epoch = 0;
  uint64_t last_ticket = 0;
  int64_t answered_position = -1;  // of the newest commit that was answered
  std::atomic<bool> owning{false};
  std::atomic<int64_t> current_as_of{0};
  std::atomic<bool> stopped{false};
};

}  // namespace crm::shard
