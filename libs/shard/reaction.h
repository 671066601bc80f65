#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "libs/record/clock.h"
#include "libs/record/status.h"
#include "libs/shard/behaviour.h"
#include "libs/shard/event_reader.h"
#include "libs/shard/mutations.h"
#include "libs/shard/own_command.h"
#include "libs/store/store.h"

// One reactor on one partition of its source (X1 to X3). How far it has come is what its own log
// says, and nothing else: commits with their causes, and position records. What a tenant's refused
// event holds up is that tenant's events only; they go on apart from the others, and when they have
// caught up, together with them again.
namespace crm::shard {

class Reaction {
 public:
  struct Parked {
    std::string tenant;
    std::string cause;
    std::string refusal;
  };
  // As metrics and operators see it.
  struct Facts {
    std::string reactor;
    std::string source;
    int partition = 0;
    int64_t position = -1;  // of the newest event that is done
    uint64_t commits = 0;
    uint64_t refused = 0;
    std::vector<Parked> parked;
  };

  // All must outlive it.
  Reaction(const Reactor& reactor, const Source& source, store::Store& store,
           const record::Clock& clock, Deciding deciding, Mutations mutations);

  // For owners and standbys: reads on, and remembers what is confirmed.
  bool Step(uint64_t confirmed);
  // Everything that was decided and is not confirmed is lost, or another process has decided more.
  void Begin(bool owner);
  // For owners: decides one event, or notes how far it has come; false if there is nothing to do.
  bool DecideOne();
  int64_t next_deadline() const;
  std::string trouble() const;

  // For operators of an owner: a parked tenant's events go on, with the refused one or behind it.
  record::Status GoOn(const std::string& tenant, bool skip);

  Facts facts() const;  // thread-safe
  const std::string& name() const { return reactor_.name; }

 private:
  struct Apart {
    store::ApartEntry entry;
    int refusals = 0;  // of the next event, since the start
    int64_t next_try = 0;
    int64_t remembered = 0;
    std::unique_ptr<EventReader> reader;
  };

  bool Wants(const EventReader::Item& item) const;
  OwnOutcome Decide(const EventReader::Item& item);
  bool DecideTogether(int64_t now);
  bool IsAheadOfReplicas(int64_t offset) const;
  int64_t Front() const;
  bool NoteIfDue(int64_t now);
  void Note(int64_t offset, const store::ApartEntry* apart);
  void Append(int64_t offset, event::v1::Reached reached);
  int64_t PositionInLog() const;
  void SkipWhatIsDone();
  void Remember(int64_t now);
  std::string ReaderName(const std::string& tenant) const;
  std::string CauseAt(int64_t offset) const;
  void Publish();

  // reaction_apart.cc
  Apart& AddApart(store::ApartEntry entry, const log::Automaton::State& from);
  void SetApart(const EventReader::Item& item, const record::Status& status, int64_t now);
  bool DecideApart(Apart* apart, int64_t now);
  void Refused(Apart* apart, const EventReader::Item& item, const record::Status& status,
               int64_t now);
  bool Rejoin(const Apart& apart);

  const Reactor& reactor_;
  const Source source_;
  store::Store& store_;
  const record::Clock& clock_;
  const Deciding deciding_;
  [[no_unique_address]] const Mutations mutations_;

  bool owner_ = false;
  EventReader together_;
  std::map<std::string, Apart, std::less<>> apart_;  // by tenant
  int64_t reached_ = -1;  // highest cause of the log, and of what is appended
  uint64_t last_ticket_ = 0;
  int unnoted_ = 0;  // causes since reached_ that left no event
  int64_t unnoted_since_ = 0;
  int64_t next_remember_ = 0;
  int64_t remembered_ = 0;

  mutable std::mutex mutex_;
  Facts facts_;  // under the mutex
};

}  // namespace crm::shard
