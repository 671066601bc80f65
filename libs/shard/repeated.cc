#include <algorithm>

#include "libs/shard/shard_parts.h"

// Commands that have been carried out before: by their request id, or by their source's number.
namespace crm::shard {
namespace {

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

}  // namespace

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

// For a mutation: what a reactor would have without its position in the log.
bool Shard::Parts::SeenRequest(const Command& command) const {
  if (command.request_id.empty()) return false;
  if (overlay.FindRequest(command.principal.tenant, command.request_id)) return true;
  const auto tenant = store.latest().Tenant(command.principal.tenant);
  const auto entry =
      tenant ? store.latest().Request(tenant->number, command.request_id) : std::nullopt;
  return entry && clock.Wall() - entry->recorded_time_us <= options.limits.request_window_us;
}

}  // namespace crm::shard
