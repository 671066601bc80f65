#include "libs/shard/shard.h"

#include <algorithm>

#include "libs/shard/shard_parts.h"

namespace crm::shard {
namespace {

// A read that waits for a position that never comes ends at the latest after this time.
constexpr int64_t kLongestWait = 30'000'000;
constexpr int kQueueRetryMs = 100;

Replicated ReplicatedIn(const Options& options, const record::Catalogue& catalogue) {
  Replicated replicated;
  for (const store::Followed& followed : options.followed) {
    for (const store::Replica& replica : followed.replicas) {
      replicated.insert(catalogue.FindType(replica.collection));
    }
  }
  return replicated;
}

}  // namespace

log::Automaton::State Applied::Load() {
  log::Automaton::State state = store_.Load();
  next_.store(state.next, std::memory_order_release);
  log_id_.store(state.log_id, std::memory_order_release);
  readers_.Applied(state.next);
  return state;
}

void Applied::Apply(std::span<const log::Commit> commits, const log::Automaton::State& after) {
  store_.Apply(commits, after);
  for (const log::Commit& commit : commits) {
    if (awaiting.empty()) break;
    awaiting.front()->outcome.position = commit.position();
    awaiting.pop_front();
  }
  // A store that is being loaded shows nothing of it for a while.
  const int64_t next = store_.applied();
  next_.store(next, std::memory_order_release);
  log_id_.store(after.log_id, std::memory_order_release);
  readers_.Applied(next);
}

Shard::Parts::Parts(Options given, const record::Catalogue& declared, const Behaviours& code,
                    log::Log& log, store::Store& projections, const record::Clock& time,
                    record::Random& dice, std::function<void()> on_wake)
    : options(std::move(given)),
      catalogue(declared),
      behaviours(code),
      store(projections),
      clock(time),
      random(dice),
      wake(std::move(on_wake)),
      exclusive(log.exclusive()),
      replicas(ReplicatedIn(options, declared)),
      queue(options.limits),
      applied(projections, readers),
      owner(options.owner, log, applied, time, dice, wake),
      timers(declared, options.service, code, projections, overlay, time,
             {[this](Command command) { return DecideOwn(std::move(command), false); }, nullptr}),
      operations(declared, projections, time) {
  for (const Source& source : options.sources) {
    replications.push_back(std::make_unique<Replication>(source, projections, time, wake));
  }
  const Deciding deciding = {
      [this](Command command) { return DecideOwn(std::move(command), true); },
      [this](const event::v1::Reached& reached) { return Note(reached); }};
  for (const Reactor& reactor : code.reactors()) {
    const auto source = options.reacting.find(reactor.name);
    if (source == options.reacting.end()) continue;
    reactions.push_back(std::make_unique<Reaction>(reactor, source->second, projections, time,
                                                   deciding, options.mutations));
  }
}

bool Shard::Parts::React() {
  bool worked = false;
  for (auto& reaction : reactions) {
    worked |= reaction->Step(owner.confirmed());
    if (reaction->trouble().empty()) continue;
    owner.Stop("reactor " + reaction->name() + ": " + reaction->trouble());
  }
  return worked;
}

bool Shard::Parts::FollowSources() {
  bool worked = false;
  // A store that is being loaded takes its own log first: nobody decides before it is done.
  if (store.loading()) return false;
  for (auto& replication : replications) {
    worked |= replication->Step();
    if (replication->trouble().empty()) continue;
    owner.Stop("following " + replication->source().service + ": " + replication->trouble());
  }
  return worked;
}

bool Shard::Parts::current() const {
  return std::all_of(replications.begin(), replications.end(),
                     [](const auto& replication) { return replication->current(); });
}

Shard::Shard(Options options, const record::Catalogue& catalogue, const Behaviours& behaviours,
             log::Log& log, store::Store& store, const record::Clock& clock, record::Random& random,
             std::function<void()> wake)
    : parts_(std::make_unique<Parts>(std::move(options), catalogue, behaviours, log, store, clock,
                                     random, std::move(wake))) {}

Shard::~Shard() = default;

void Shard::Submit(std::unique_ptr<Command> command) {
  std::string limit;
  record::Status status;
  bool not_served = false;
  if (parts_->stopped.load(std::memory_order_acquire)) {
    status = record::Unavailable("STOPPING", "The process is stopping.", kQueueRetryMs);
    not_served = true;
  } else if (parts_->queue.Push(command, &limit)) {
    parts_->wake();
    return;
  } else {
    status = record::ResourceExhausted("QUEUE_FULL", "The " + limit + " is full.", kQueueRetryMs);
  }
  Outcome outcome = Refused(std::move(status));
  outcome.not_served = not_served;
  command->done(std::move(outcome));
}

void Shard::Read(const ReadOptions& options, std::function<void(ReadResult)> done) {
  if (options.min_position < 0) {
    parts_->ReadNow(options, std::move(done));
    return;
  }
  if (log_id() != 0 && options.log_id != log_id()) {
    done({record::InvalidArgument({{std::string(options.position_field), "POSITION_OF_ANOTHER_LOG",
                                    "The position was given out by another log."}}),
          nullptr, false});
    return;
  }
  const int64_t deadline = std::min(options.deadline, parts_->clock.Boottime() + kLongestWait);
  parts_->readers.When(options.min_position, deadline,
                       [this, options, done = std::move(done)](Readers::Why why) {
                         if (why == Readers::Why::kApplied) {
                           parts_->ReadNow(options, done);
                           return;
                         }
                         done({record::MakeStatus(record::kDeadlineExceeded, "POSITION_NOT_REACHED",
                                                  "The position was not reached in time."),
                               nullptr, false});
                       });
}

std::unique_ptr<store::View> Shard::Copies() const { return parts_->store.Snapshot(); }

void Shard::WhenAfter(int64_t position, std::function<void()> done) {
  parts_->readers.When(position + 1, parts_->clock.Boottime() + kLongestWait,
                       [done = std::move(done)](Readers::Why) { done(); });
}

void Shard::Assign(bool assigned) { parts_->owner.Assign(assigned); }

bool Shard::Step() {
  Parts& parts = *parts_;
  bool worked = parts.FollowSources();
  worked |= parts.owner.Step();
  parts.ForgetLookups();
  if (parts.owner.role() == log::Owner::Role::kStopped) {
    parts.owning.store(false, std::memory_order_release);
    parts.readers.Expire(parts.clock.Boottime());
    return parts.RefuseAll() || worked;
  }
  if (parts.owner.epoch() != parts.epoch) {
    parts.epoch = parts.owner.epoch();
    parts.FailPending();
    for (auto& replication : parts.replications) replication->CatchUp();
    parts.timers.Begin();
    parts.operations.Begin();
    for (auto& reaction : parts.reactions) {
      reaction->Begin(parts.owner.role() == log::Owner::Role::kOwner);
    }
    worked = true;
  }
  const bool owns = parts.owner.role() == log::Owner::Role::kOwner && parts.current();
  parts.owning.store(owns, std::memory_order_release);
  parts.current_as_of.store(parts.owner.current_as_of(), std::memory_order_release);
  worked |= parts.AnswerConfirmed();
  // Who waits for a process that is not to be the owner can still be served by another.
  if (!parts.owner.expects_commands()) worked |= parts.RefuseWaiting();
  worked |= parts.React();
  worked |= parts.DecideSome();
  worked |= parts.AnswerConfirmed();
  parts.readers.Expire(parts.clock.Boottime());
  return worked;
}

int64_t Shard::next_deadline() const {
  int64_t next = std::min(parts_->owner.next_deadline(), parts_->readers.next_deadline());
  for (const auto& replication : parts_->replications) {
    next = std::min(next, replication->next_deadline());
  }
  for (const auto& reaction : parts_->reactions) next = std::min(next, reaction->next_deadline());
  if (parts_->owner.may_append() && parts_->current()) {
    next = std::min({next, parts_->timers.next_deadline(), parts_->operations.next_deadline()});
  }
  return next;
}

void Shard::Stop() {
  parts_->stopped.store(true, std::memory_order_release);
  parts_->owning.store(false, std::memory_order_release);
  parts_->RefuseAll();
  parts_->readers.Stop();
  for (auto& replication : parts_->replications) replication->Stop();
}

const log::Owner& Shard::owner() const { return parts_->owner; }
int64_t Shard::applied() const { return parts_->applied.next(); }
uint64_t Shard::log_id() const { return parts_->applied.log_id(); }
int64_t Shard::current_as_of() const {
  return parts_->current_as_of.load(std::memory_order_acquire);
}
bool Shard::owning() const { return parts_->owning.load(std::memory_order_acquire); }
size_t Shard::queued() const { return parts_->queue.size(); }
std::string Shard::trouble() const { return parts_->owner.trouble(); }
const std::vector<std::unique_ptr<Replication>>& Shard::replications() const {
  return parts_->replications;
}
const std::vector<std::unique_ptr<Reaction>>& Shard::reactions() const { return parts_->reactions; }
Timers::Facts Shard::timers() const { return parts_->timers.facts(); }
Operations::Facts Shard::operations() const { return parts_->operations.facts(); }
const std::string& Shard::service() const { return parts_->options.service; }
int Shard::partition() const { return parts_->options.owner.partition; }

}  // namespace crm::shard
