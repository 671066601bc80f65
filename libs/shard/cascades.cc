#include "libs/shard/past_commit.h"
#include "libs/shard/shard_parts.h"

// Deletes, and returns, that take more than one commit: who goes on with them.
namespace crm::shard {

// The next step is decided for whoever began; the projections know of it, so that it goes on after
// any restart.
std::optional<Command> Shard::Parts::NextCascade() const {
  const store::View& view = store.latest();
  for (const std::string& name : view.Tenants()) {
    const auto tenant = view.Tenant(name);
    if (!tenant->cascades) continue;
    const auto roots = view.Cascades(tenant->number, false);
    if (roots.empty()) continue;
    const log::Envelope begun = EnvelopeOf(view.History(roots.front(), store::kNow, 1).front());
    Command command;
    command.continues = command.bulk = true;
    command.principal = {name, begun.actor(), begun.on_behalf_of(), begun.client()};
    // A tenant that is being loaded stays at the time that it has come to.
    if (tenant->loading) command.event_time_us = begun.time_us();
    Write& write = command.writes.emplace_back();
    write.type = catalogue.FindTypeByNumber(roots.front().type);
    write.id = roots.front().id;
    for (const record::Method* method : catalogue.Methods()) {
      if (method->type == write.type && method->kind == record::MethodKind::kDelete)
        command.method = method;
    }
    command.done = [](Outcome) {};
    return command;
  }
  return std::nullopt;
}

}  // namespace crm::shard
