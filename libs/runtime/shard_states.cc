#include <algorithm>

#include "libs/runtime/shards_parts.h"

// How the shards are, as probes and metrics see it.
namespace crm::runtime {
namespace {

// A follower that looks at the log's end as often as it should is never further behind.
constexpr int64_t kCaughtUpUs = 2'000'000;

}  // namespace

Shards::State Shards::StateOf(const Service& service, const Unit& unit) const {
  State state;
  state.service = service.name;
  state.partition = unit.shard->partition();
  state.owning = unit.shard->owning();
  state.applied = unit.shard->applied();
  if (service.membership) {
    state.assigned = service.membership->assigned(state.partition);
    state.follows = service.membership->follows(state.partition);
    state.end = std::max(unit.thread->known_end(), state.applied);
    const int64_t as_of = unit.shard->current_as_of();
    const bool sources_read =
        std::all_of(unit.shard->replications().begin(), unit.shard->replications().end(),
                    [](const auto& each) { return each->current_as_of() > 0; });
    state.caught_up =
        state.owning || (sources_read && as_of > 0 && clock_.Boottime() - as_of < kCaughtUpUs);
  } else {
    const auto end = service.log->End(state.partition);
    state.end = end ? *end : -1;
    state.caught_up = state.owning;
  }
  state.loading = unit.store->loading();
  state.building = unit.store->building();
  state.parked = unit.store->parked();
  state.queued = unit.shard->queued();
  state.last_turn = unit.thread->last_turn();
  if (unit.thread->in_trouble()) state.trouble = unit.thread->trouble();
  state.counts = unit.thread->counts();
  state.claims_written = unit.thread->claims_written();
  for (const auto& each : unit.shard->replications()) {
    state.following.push_back({each->source().service, each->source().partition, each->applied(),
                               each->end(), each->current_as_of(), each->skipped()});
  }
  for (const auto& each : unit.shard->reactions()) state.reactions.push_back(each->facts());
  state.timers = unit.shard->timers();
  state.operations = unit.shard->operations();
  return state;
}

std::vector<Shards::State> Shards::States() const {
  std::vector<State> states;
  for (const auto& [name, service] : services_) {
    for (const auto& unit : service->units) states.push_back(StateOf(*service, *unit));
  }
  return states;
}

std::string Shards::Unready() const {
  for (const auto& [name, service] : services_) {
    const Membership* membership = service->membership.get();
    if (membership != nullptr) {
      if (std::string trouble = membership->trouble(); !trouble.empty()) return trouble;
      if (!membership->joined()) return name + " has not been told yet what it is assigned";
    }
    bool any_assigned = membership == nullptr;
    std::string behind;
    for (const auto& unit : service->units) {
      const State state = StateOf(*service, *unit);
      const std::string which = name + "/" + std::to_string(state.partition);
      if (unit->thread->in_trouble()) return which + " has stopped: " + unit->thread->trouble();
      any_assigned = any_assigned || state.assigned;
      if (state.assigned && !state.owning) return which + " is assigned, and not owned";
      if (!state.assigned && state.follows && !state.caught_up) behind = which;
    }
    if (!any_assigned && !behind.empty()) return behind + " is followed, and has not caught up";
  }
  return {};
}

std::string Shards::trouble() const {
  for (const auto& [name, service] : services_) {
    if (!service->membership) continue;
    std::string trouble = service->membership->trouble();
    if (!trouble.empty()) return trouble;
  }
  return {};
}

}  // namespace crm::runtime
