#pragma once

#include <optional>

#include "libs/shard/behaviour.h"

namespace crm::activity {

// Binds the behaviours of the child record types that every service hosts for its own records.
void RegisterActivities(shard::Behaviours& behaviours);

// What all kinds of activities have in common: when a closed one ended, how long it takes, and the
// time that timelines show it at.
std::optional<shard::Refusal> DeriveActivity(shard::Draft& draft, const shard::Transaction& tx);

}  // namespace crm::activity
