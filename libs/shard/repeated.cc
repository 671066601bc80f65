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
auto Shard::Parts::FindRepeated(const Command& command) const -> std::optional<Repeated> {
  if (options.mutations.Has(Mutation::kNoRequestLookup)) return std::nullopt;
  auto known = KnownRequest(command);
  return known ? std::move(known) : DoneNumber(command);
}

auto Shard::Parts::KnownRequest(const Command& command) const -> std::optional<Repeated> {
  if (command.request_id.empty()) return std::nullopt;
  const store::View& view = store.latest();
  const auto& tenant = TenantOf(command.principal.tenant);
  if (const DecidedRequest* decided =
          overlay.FindRequest(command.principal.tenant, command.request_id)) {
    if (decided->hash != command.request_hash) return Repeated{Refused(RequestIdReused())};
    return Repeated{{}, true};
  }
  auto entry = tenant ? view.Request(tenant->number, command.request_id) : std::nullopt;
  if (!entry) return std::nullopt;
  const int64_t now = std::max(clock.Wall(), owner.state().recorded_time_us);
  if (now - entry->recorded_time_us > options.limits.request_window_us) return std::nullopt;
  if (entry->hash != command.request_hash) return Repeated{Refused(RequestIdReused())};
  return Repeated{Answered(command, catalogue, view, tenant->number, entry->position)};
}

// Of a source only the highest number is kept, so that what it answered can not be told.
auto Shard::Parts::DoneNumber(const Command& command) const -> std::optional<Repeated> {
  if (command.outbox_source.empty()) return std::nullopt;
  const auto& tenant = TenantOf(command.principal.tenant);
  const uint64_t highest =
      std::max(overlay.Outbox(command.principal.tenant, command.outbox_source),
               tenant ? store.latest().Outbox(tenant->number, command.outbox_source) : 0);
  if (command.outbox_number > highest) return std::nullopt;
  return Repeated{Refused(OutboxNumberDone(command, highest))};
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
