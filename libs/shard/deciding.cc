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

record::Status RequestIdReused() {
  return record::InvalidArgument(
      {{"request_id", "REQUEST_ID_REUSED", "The request id was used for another request."}});
}

record::Status OutboxNumberDone(const Command& command, uint64_t highest) {
  return record::MakeStatus(
      record::kAlreadyExists, "OUTBOX_NUMBER_DONE",
      "The source's commands up to number " + std::to_string(highest) + " are done.",
      {{"source", command.outbox_source},
       {"number", std::to_string(command.outbox_number)},
       {"highest", std::to_string(highest)}});
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
      std::optional<Command> command = held ? std::exchange(held, std::nullopt) : Next();
      if (command ? !DecideOne(std::move(*command)) : !DecideOwnWork()) break;
    }
    worked = true;
    if (clock.Boottime() >= end) break;
  }
  if (worked) owner.Flush();
  return worked;
}

// Steps of large deletes and merges take turns with commands: they are bulk, and nobody waits.
std::optional<Command> Shard::Parts::Next() {
  if (++since_operation > kCommandsBetweenSteps || queue.size() == 0) {
    since_operation = 0;
    if (std::optional<Command> step = operations.Next(overlay.records() == 0)) return step;
  }
  return queue.Pop();
}

void Shard::Parts::Refuse(Command& command, record::Status status) {
  Outcome outcome;
  outcome.status = std::move(status);
  Await(std::move(command), std::move(outcome));
}

// An answer that wrote nothing waits for what deciding it may have seen.
void Shard::Parts::Await(Command command, Outcome outcome, bool repeats) {
  const int64_t seen = applied.next() - 1;
  pending.push_back({last_ticket, std::move(command), std::move(outcome), false, repeats, seen});
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

// D1 and D2, and the numbered sources, which never expire. A request id says more: with it there is
// the first one's outcome.
bool Shard::Parts::RepeatedRequest(Command& command) {
  if (options.mutations.Has(Mutation::kNoRequestLookup)) return false;
  return KnownRequest(command) || DoneNumber(command);
}

bool Shard::Parts::KnownRequest(Command& command) {
  if (command.request_id.empty()) return false;
  const store::View& view = store.latest();
  const auto& tenant = TenantOf(command.principal.tenant);
  if (const DecidedRequest* decided =
          overlay.FindRequest(command.principal.tenant, command.request_id)) {
    if (decided->hash != command.request_hash) {
      Refuse(command, RequestIdReused());
    } else {
      Await(std::move(command), {}, true);
    }
    return true;
  }
  auto entry = tenant ? view.Request(tenant->number, command.request_id) : std::nullopt;
  if (!entry) return false;
  const int64_t now = std::max(clock.Wall(), owner.state().recorded_time_us);
  if (now - entry->recorded_time_us > options.limits.request_window_us) return false;
  if (entry->hash != command.request_hash) {
    Refuse(command, RequestIdReused());
  } else {
    Outcome outcome = Answered(command, catalogue, view, tenant->number, entry->position);
    Await(std::move(command), std::move(outcome));
  }
  return true;
}

// Of a source only the highest number is kept, so that what it answered can not be told.
bool Shard::Parts::DoneNumber(Command& command) {
  if (command.outbox_source.empty()) return false;
  const auto& tenant = TenantOf(command.principal.tenant);
  const uint64_t highest =
      std::max(overlay.Outbox(command.principal.tenant, command.outbox_source),
               tenant ? store.latest().Outbox(tenant->number, command.outbox_source) : 0);
  if (command.outbox_number > highest) return false;
  Refuse(command, OutboxNumberDone(command, highest));
  return true;
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

OwnOutcome Shard::Parts::DecideOwn(Command command, bool due_first) {
  if (options.mutations.Has(Mutation::kNoReachedLookup) && SeenRequest(command)) return {};
  if (const auto& tenant = TenantOf(command.principal.tenant); tenant && tenant->parked) {
    return {Parked(), false, last_ticket};
  }
  record::Status status;
  std::optional<record::Instant> time;
  do {
    time = TimeFor(command, &status);
  } while (due_first && timers.FireDue(command.principal.tenant, *time));
  Transaction tx(Context(command), command, *time);
  status = command.run(tx);
  if (const auto missing = store.latest().TakeMissing(); !missing.empty()) {
    rates.Forget();
    status = store::IndexBeingBuilt(missing);
  }
  if (status.code() != record::kOk || tx.empty()) return {std::move(status), false, last_ticket};
  command.done = [](Outcome) {};
  Append(std::move(command), {}, tx, *time);
  return {{}, true, last_ticket};
}

// For a mutation: what a reactor would have without its position in the log.
bool Shard::Parts::SeenRequest(const Command& command) const {
  if (command.request_id.empty()) return false;
  if (overlay.FindRequest(command.principal.tenant, command.request_id)) return true;
  const auto tenant = store.latest().Tenant(command.principal.tenant);
  const auto entry =
      tenant ? store.latest().Request(tenant->number, command.request_id) : std::nullopt;
  return entry && clock.Wall() - entry->recorded_time_us <= options.limits.request_window_us;
}

uint64_t Shard::Parts::Note(const event::v1::Reached& reached) {
  last_ticket = owner.AppendReached(reached);
  AwaitNobody();
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

bool Shard::Parts::DecideOne(Command command) {
  if (clock.Boottime() > command.deadline) {
    Refuse(command, DeadlinePassed());
    return true;
  }
  if (command.order) {
    record::Status obeyed = Obey(command);
    Refuse(command, std::move(obeyed));
    return true;
  }
  if (const auto& tenant = TenantOf(command.principal.tenant); tenant && tenant->parked) {
    Refuse(command, Parked());
    return true;
  }
  if (RepeatedRequest(command)) return true;
  if (Settles()) {
    held = std::move(command);
    return false;
  }
  record::Status status;
  std::optional<record::Instant> time;
  do {
    time = TimeFor(command, &status);
  } while (time && timers.FireDue(command.principal.tenant, *time));
  if (!time) {
    Refuse(command, std::move(status));
    return true;
  }
  if (NeedsQuiet(command) && overlay.records() > 0) {
    held = std::move(command);
    return false;
  }
  Transaction tx(Context(command), command, *time);
  Outcome outcome = Decide(command, tx);
  // What was decided without an index is not to be believed, and nothing was written yet.
  if (const auto missing = store.latest().TakeMissing(); !missing.empty()) {
    rates.Forget();
    outcome.status = store::IndexBeingBuilt(missing);
  }
  if (outcome.status.code() == record::kOk) outcome.events = tx.EventNames();
  if (command.continues) operations.Decided(command, outcome.status);
  if (outcome.status.code() != record::kOk || command.validate_only || tx.empty()) {
    Await(std::move(command), std::move(outcome));
    return true;
  }
  Append(std::move(command), std::move(outcome), tx, *time);
  return true;
}

// The newest commit is one that nobody waits for.
void Shard::Parts::AwaitNobody() {
  Command nobody;
  nobody.done = [](Outcome) {};
  pending.push_back({last_ticket, std::move(nobody), {}, true, false, -1});
  applied.awaiting.push_back(&pending.back());
}

void Shard::Parts::Append(Command command, Outcome outcome, Transaction& tx, record::Instant time) {
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
    last.set_outcome(outcome.response);
  if (options.mutations.Has(Mutation::kApplyTwice)) {
    last_ticket = owner.Append(events);
    AwaitNobody();
  }
  last_ticket = owner.Append(std::move(events));
  settling = settling || tx.cascade();
  if (tx.operation()) operations.Note(command.principal.tenant);
  if (!options.mutations.Has(Mutation::kSkipOverlay)) {
    overlay.Add(last_ticket, tx.staged(), command, time);
  }
  if (options.mutations.Has(Mutation::kAnswerBeforeAppend)) {
    outcome.position = applied.next() - 1;
    std::exchange(command.done, [](Outcome) {})(outcome);
  }
  pending.push_back({last_ticket, std::move(command), std::move(outcome), true, false, -1});
  applied.awaiting.push_back(&pending.back());
}

}  // namespace crm::shard
