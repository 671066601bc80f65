#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "libs/log/owner.h"
#include "libs/record/catalogue.h"
#include "libs/record/clock.h"
#include "libs/shard/behaviour.h"
#include "libs/shard/command.h"
#include "libs/shard/mutations.h"
#include "libs/shard/operations.h"
#include "libs/shard/reaction.h"
#include "libs/shard/replication.h"
#include "libs/shard/timers.h"
#include "libs/store/store.h"

// The machinery that serves one partition of one service: a single writer, deciding one command
// after the other on projections and overlay, and readers of what is confirmed.
namespace crm::shard {

struct Limits {
  size_t queue_commands_per_tenant = 10'000;
  size_t queue_commands = 40'000;
  size_t queue_bytes_per_tenant = 64 << 20;
  size_t queue_bytes = 256 << 20;
  size_t commit_events = 1'000;
  size_t commit_bytes = 4 << 20;
  size_t delete_events = 1'000;  // a delete of more, or their return, takes several commits
  size_t step_events = 200;      // of as many each
  size_t record_bytes = 256 << 10;
  size_t under_way_bytes = 8 << 20;
  // Of deciding before what was decided goes to the log, while commands wait: short, so that the
  // log, deciding and answering work at the same time, and long enough for many commands, because
  // each time wakes the log's thread, the shard's and the one that finishes calls.
  int64_t step_us = 2'000;
  int64_t request_window_us = 24LL * 3600 * 1'000'000;
};

struct Options {
  std::string service;  // `sales`
  std::string source;   // `/crm/sales`
  std::string dataschema;
  Limits limits;
  log::Owner::Options owner;
  std::vector<store::Followed> followed;   // as the store was opened with
  std::vector<Source> sources;             // the logs of these
  std::map<std::string, Source> reacting;  // for each of the behaviours' reactors, by name
  // Runs what gives all answers that are ready; empty: it is just run. Who hands answers to another
  // thread can wake it once for all of them.
  std::function<void(const std::function<void()>& give)> giving;
  [[no_unique_address]] Mutations mutations;
};

// What a read wants to be sure of.
struct ReadOptions {
  int64_t min_position = -1;                         // the answer includes this position
  uint64_t log_id = 0;                               // of min_position
  std::string_view position_field = "min_position";  // what the client calls it
  bool confirmed = false;                            // a barrier instead of the lease
  int64_t max_staleness_us = -1;  // a standby's, for it to answer; -1: it must not
  int64_t deadline = INT64_MAX;   // boottime
};

struct ReadResult {
  record::Status status;
  std::unique_ptr<store::View> view;
  bool not_served = false;  // this process does not own the partition (any more)
};

class Shard {
 public:
  // All must outlive the shard. `wake`: Step() should be called soon; from any thread.
  Shard(Options options, const record::Catalogue& catalogue, const Behaviours& behaviours,
        log::Log& log, store::Store& store, const record::Clock& clock, record::Random& random,
        std::function<void()> wake);
  ~Shard();

  // Thread-safe. `done` of it is called exactly once, from the stepping thread or at once.
  void Submit(std::unique_ptr<Command> command);
  // Thread-safe. `done` is called at once where that is possible, else from the stepping thread.
  void Read(const ReadOptions& options, std::function<void(ReadResult)> done);
  // Thread-safe: what has been applied, however long ago. For copies of other services' records, of
  // which Replication says how recent they are; what is the shard's own is for Read().
  std::unique_ptr<store::View> Copies() const;
  // Thread-safe: calls back once something after this position has been applied, after 30 s
  // without, or on Stop.
  void WhenAfter(int64_t position, std::function<void()> done);

  // The rest is for one thread, or a simulation.
  void Assign(bool assigned);
  bool Step();
  int64_t next_deadline() const;
  // Ends: fails what waits. Assign(false) and stepping until kStandby come first.
  void Stop();

  const log::Owner& owner() const;
  // Offset after the last applied message; thread-safe.
  int64_t applied() const;
  uint64_t log_id() const;  // thread-safe; 0 before anything was read
  bool owning() const;      // thread-safe
  // Boottime at which the log's end was asked for that has been applied since (L5); 0: never.
  // Thread-safe. Of an owner it says when it was a standby last.
  int64_t current_as_of() const;
  size_t queued() const;  // thread-safe
  std::string trouble() const;
  // Thread-safe, as far as they say so.
  const std::vector<std::unique_ptr<Replication>>& replications() const;
  const std::vector<std::unique_ptr<Reaction>>& reactions() const;
  Timers::Facts timers() const;          // thread-safe
  Operations::Facts operations() const;  // thread-safe
  const std::string& service() const;
  int partition() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace crm::shard
