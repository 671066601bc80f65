#include <algorithm>

#include "libs/shard/shard_parts.h"
#include "libs/store/missing.h"

// The shard's first half: from queued commands to appended commits.
namespace crm::shard {
namespace {

constexpr int kCommandsBetweenSteps = 16;
// As much as commands leave, and at least this share, is for timers and reactors.
constexpr int kOwnEvery = 10;

// It reads the history, which holds only what has been applied.
bool NeedsQuiet(const Command& command) {
  if (command.method == nullptr) return false;
  return command.continues || command.method->kind == record::MethodKind::kUndelete ||
         command.method->command.reads_history();
}

record::Status DeadlinePassed() {
  return record::MakeStatus(
      record::kDeadlineExceeded, "DEADLINE_PASSED",
      "The deadline passed before the command was decided; nothing happened.");
}

record::Status Parked() {
  constexpr int kRetryMs = 60'000;
  return record::Unavailable("PARKED",
                             "The tenant can be read but not changed until an operator has seen to "
                             "an event of it.",
                             kRetryMs);
}

}  // namespace

bool Shard::Parts::DecideSome() {
  if (!owner.may_append() || !current()) return false;
  const int64_t end = clock.Boottime() + options.limits.step_us;
  bool worked = false;
  for (int turn = 1; owner.bytes_under_way() < options.limits.under_way_bytes; ++turn) {
    if (turn % kOwnEvery != 0 || !DecideOwnWork()) {
      std::unique_ptr<Command> command = held ? std::move(held) : Next();
      if (command ? !DecideOne(std::move(command)) : !DecideOwnWork()) break;
    }
    worked = true;
    if (clock.Boottime() >= end) break;
  }
  if (worked) owner.Flush();
  return worked;
}

// Steps of large deletes and merges take turns with commands: they are bulk, and nobody waits.
std::unique_ptr<Command> Shard::Parts::Next() {
  if (++since_operation > kCommandsBetweenSteps || queue.size() == 0) {
    since_operation = 0;
    if (std::unique_ptr<Command> step = operations.Next(overlay.records() == 0)) return step;
  }
  return queue.Pop();
}

bool Shard::Parts::Refuse(std::unique_ptr<Command> command, record::Status status) {
  return Await(std::move(command), Refused(std::move(status)));
}

// An answer that wrote nothing waits for what deciding it may have seen.
bool Shard::Parts::Await(std::unique_ptr<Command> command, Outcome outcome, bool repeats) {
  const int64_t seen = applied.next() - 1;
  pending.push_back({last_ticket, std::move(command), std::move(outcome), false, repeats, seen});
  return true;
}

std::optional<record::Instant> Shard::Parts::TimeFor(const Command& command,
                                                     record::Status* status) const {
  const auto& tenant = TenantOf(command.principal.tenant);
  const int64_t last =
      std::max(tenant ? tenant->time_us : 0, overlay.TenantTime(command.principal.tenant));
  const int64_t wall = clock.Wall();
  const bool loading =
      (!tenant || tenant->loading) && !overlay.Interactive(command.principal.tenant);
  // What reactors and timers do while a past is loaded belongs to that past.
  if (command.event_time_us == 0 || (command.method == nullptr && !loading))
    return std::max(wall, last);
  if (command.method == nullptr) return std::max(std::min(command.event_time_us, wall), last);
  if (!loading || command.principal.client != "import") {
    *status = record::MakeStatus(
        record::kFailedPrecondition, "TENANT_NOT_LOADING",
        "Only an import before the tenant's first other command sets its clock.");
    return std::nullopt;
  }
  return std::max(std::min(command.event_time_us, wall), last);
}

Transaction::Context Shard::Parts::Context(const Command& command) {
  return {catalogue,      behaviours,      store.latest(), TenantOf(command.principal.tenant),
          overlay,        rates,           random,         replicas,
          options.limits, options.service, options.source, options.dataschema};
}

const std::optional<store::TenantEntry>& Shard::Parts::TenantOf(const std::string& tenant) const {
  if (!tenant_known || tenant_known->first != tenant)
    tenant_known.emplace(tenant, store.latest().Tenant(tenant));
  return tenant_known->second;
}

void Shard::Parts::ForgetLookups() {
  tenant_known.reset();
  rates.Forget();
}

// What a cascade has hidden is seen only in the projections: until it is there, nothing is decided.
bool Shard::Parts::Settles() {
  settling = settling && overlay.records() > 0;
  return settling;
}

bool Shard::Parts::DecideOwnWork() {
  if (Settles()) return false;
  if (timers.FireNext(applied.next())) return true;
  bool worked = false;
  for (auto& reaction : reactions) worked |= reaction->DecideOne();
  return worked;
}

// The tenant's time for the command, once everything is done that is due of it by then; nullopt: it
// may not have the time that it asks for.
std::optional<record::Instant> Shard::Parts::ReachTime(const Command& command,
                                                       record::Status* status) {
  std::optional<record::Instant> time;
  do {
    time = TimeFor(command, status);
  } while (time && timers.FireDue(command.principal.tenant, *time));
  return time;
}

// What was decided without an index is not to be believed, and nothing was written yet.
void Shard::Parts::Distrust(record::Status* status) {
  const auto missing = store.latest().TakeMissing();
  if (missing.empty()) return;
  rates.Forget();
  *status = store::IndexBeingBuilt(missing);
}

OwnOutcome Shard::Parts::DecideOwn(Command command, bool due_first) {
  if (options.mutations.Has(Mutation::kNoReachedLookup) && SeenRequest(command)) return {};
  if (IsParked(command)) return {Parked(), false, last_ticket};
  record::Status status;
  const auto time = due_first ? ReachTime(command, &status) : TimeFor(command, &status);
  Transaction tx(Context(command), command, *time);
  status = command.run(tx);
  Distrust(&status);
  if (status.code() != record::kOk || tx.empty()) return {std::move(status), false, last_ticket};
  Append(command, "", tx, *time);
  AwaitCommit(nullptr, {});
  return {{}, true, last_ticket};
}

uint64_t Shard::Parts::Note(const event::v1::Reached& reached) {
  last_ticket = owner.AppendReached(reached);
  AwaitCommit(nullptr, {});
  return last_ticket;
}

record::Status Shard::Parts::Obey(const Command& command) {
  for (auto& reaction : reactions) {
    if (reaction->name() != command.order->reactor) continue;
    return reaction->GoOn(command.principal.tenant, command.order->skip);
  }
  return record::MakeStatus(record::kNotFound, "UNKNOWN_REACTOR",
                            "There is no reactor " + command.order->reactor + " here.");
}

bool Shard::Parts::IsParked(const Command& command) const {
  const auto& tenant = TenantOf(command.principal.tenant);
  return tenant && tenant->parked;
}

bool Shard::Parts::Hold(std::unique_ptr<Command> command) {
  held = std::move(command);
  return false;
}

bool Shard::Parts::DecideOne(std::unique_ptr<Command> given) {
  const Command& command = *given;
  if (clock.Boottime() > command.deadline) return Refuse(std::move(given), DeadlinePassed());
  if (command.order) return Refuse(std::move(given), Obey(command));
  if (IsParked(command)) return Refuse(std::move(given), Parked());
  if (auto repeated = FindRepeated(command))
    return Await(std::move(given), std::move(repeated->outcome), repeated->under_way);
  if (Settles()) return Hold(std::move(given));
  record::Status status;
  const auto time = ReachTime(command, &status);
  if (!time) return Refuse(std::move(given), std::move(status));
  if (NeedsQuiet(command) && overlay.records() > 0) return Hold(std::move(given));
  Transaction tx(Context(command), command, *time);
  Outcome outcome = Decide(command, tx);
  Distrust(&outcome.status);
  if (command.validate_only && outcome.status.code() == record::kOk)
    outcome.events = tx.EventNames();
  if (command.continues) operations.Decided(command, outcome.status);
  if (outcome.status.code() != record::kOk || command.validate_only || tx.empty())
    return Await(std::move(given), std::move(outcome));
  Append(command, outcome.response, tx, *time);
  if (options.mutations.Has(Mutation::kAnswerBeforeAppend)) {
    outcome.position = applied.next() - 1;
    given->done(std::move(outcome));
    given.reset();
  }
  AwaitCommit(std::move(given), std::move(outcome));
  return true;
}

// The newest commit; null: nobody waits for it.
void Shard::Parts::AwaitCommit(std::unique_ptr<Command> command, Outcome outcome) {
  pending.push_back({last_ticket, std::move(command), std::move(outcome), true, false, -1});
  applied.awaiting.push_back(&pending.back());
}

void Shard::Parts::Append(const Command& command, const std::string& response, Transaction& tx,
                          record::Instant time) {
  std::vector<log::Owner::NewEvent> events = tx.TakeEvents();
  if (options.mutations.Has(Mutation::kDropEvent) && events.size() > 1) {
    events.erase(events.begin());
  }
  log::Envelope& last = events.back().envelope;
  const bool forget = options.mutations.Has(Mutation::kForgetRequest);
  if (!forget) last.set_request(command.request_id);
  if (!command.request_id.empty()) last.set_request_hash(command.request_hash);
  if (!command.outbox_source.empty()) {
    last.set_outbox(command.outbox_source + "/" + std::to_string(command.outbox_number));
  }
  if (command.method && command.method->kind == record::MethodKind::kCommand)
    last.set_outcome(response);
  if (options.mutations.Has(Mutation::kApplyTwice)) {
    last_ticket = owner.Append(events);
    AwaitCommit(nullptr, {});
  }
  last_ticket = owner.Append(std::move(events));
  settling = settling || tx.cascade();
  if (tx.operation()) operations.Note(command.principal.tenant);
  if (!options.mutations.Has(Mutation::kSkipOverlay)) {
    overlay.Add(last_ticket, tx.staged(), command, time);
  }
}

}  // namespace crm::shard
