#include <algorithm>

#include "libs/shard/shard_parts.h"

// The shard's first half: from queued commands to appended commits.
namespace crm::shard {
namespace {

// It reads the history, which holds only what has been applied.
bool NeedsQuiet(const Command& command) {
  return command.method->kind == record::MethodKind::kUndelete ||
         command.method->command.reads_history();
}

record::Status RequestIdReused() {
  return record::MakeStatus(record::kInvalidArgument, "REQUEST_ID_REUSED",
                            "The request id was used for another request.",
                            {{"field", "request_id"}});
}

record::Status DeadlinePassed() {
  return record::MakeStatus(
      record::kDeadlineExceeded, "DEADLINE_PASSED",
      "The deadline passed before the command was decided; nothing happened.");
}

}  // namespace

bool Shard::Parts::DecideSome() {
  if (!owner.may_append() || !current()) return false;
  const int64_t end = clock.Boottime() + options.limits.step_us;
  bool worked = false;
  while (owner.bytes_under_way() < options.limits.under_way_bytes) {
    std::optional<Command> command = held ? std::exchange(held, std::nullopt) : queue.Pop();
    if (!command || !DecideOne(std::move(*command))) break;
    worked = true;
    if (clock.Boottime() >= end) break;
  }
  if (worked) owner.Flush();
  return worked;
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
  auto tenant = store.latest().Tenant(command.principal.tenant);
  const int64_t last =
      std::max(tenant ? tenant->time_us : 0, overlay.TenantTime(command.principal.tenant));
  const int64_t wall = clock.Wall();
  if (command.event_time_us == 0) return std::max(wall, last);
  const bool loading =
      (!tenant || tenant->loading) && !overlay.Interactive(command.principal.tenant);
  if (!loading || command.principal.client != "import") {
    *status = record::MakeStatus(
        record::kFailedPrecondition, "TENANT_NOT_LOADING",
        "Only an import before the tenant's first other command sets its clock.");
    return std::nullopt;
  }
  return std::max(std::min(command.event_time_us, wall), last);
}

// D1, D2 and the numbered sources that never expire.
bool Shard::Parts::RepeatedRequest(Command& command) {
  if (options.mutations.Has(Mutation::kNoRequestLookup)) return false;
  const store::View& view = store.latest();
  auto tenant = view.Tenant(command.principal.tenant);
  if (!command.outbox_source.empty()) {
    const uint64_t highest =
        std::max(overlay.Outbox(command.principal.tenant, command.outbox_source),
                 tenant ? view.Outbox(tenant->number, command.outbox_source) : 0);
    if (command.outbox_number <= highest) {
      Outcome outcome;
      outcome.repeated = true;
      Await(std::move(command), std::move(outcome));
      return true;
    }
  }
  if (command.request_id.empty()) return false;
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

bool Shard::Parts::DecideOne(Command command) {
  if (clock.Boottime() > command.deadline) {
    Refuse(command, DeadlinePassed());
    return true;
  }
  if (!command.validate_only && RepeatedRequest(command)) return true;
  if (NeedsQuiet(command) && overlay.records() > 0) {
    held = std::move(command);
    return false;
  }
  record::Status status;
  auto time = TimeFor(command, &status);
  if (!time) {
    Refuse(command, std::move(status));
    return true;
  }
  Transaction tx({catalogue, behaviours, store.latest(), overlay, random, followed, replicas,
                  options.limits, options.service, options.source, options.dataschema},
                 command, *time);
  Outcome outcome = Decide(command, tx);
  if (outcome.status.code() == record::kOk) outcome.events = tx.EventNames();
  if (outcome.status.code() != record::kOk || command.validate_only || tx.empty()) {
    Await(std::move(command), std::move(outcome));
    return true;
  }
  Append(std::move(command), std::move(outcome), tx, *time);
  return true;
}

// For a mutation: a commit that nobody asked for.
void Shard::Parts::AppendExtra(std::vector<log::Owner::NewEvent> events) {
  last_ticket = owner.Append(std::move(events));
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
  if (command.method->kind == record::MethodKind::kCommand) last.set_outcome(outcome.response);
  if (options.mutations.Has(Mutation::kApplyTwice)) AppendExtra(events);
  last_ticket = owner.Append(std::move(events));
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
