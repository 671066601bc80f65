#pragma once

#include "libs/shard/behaviour.h"

namespace crm::identity {

// What the service's record types do beyond their annotations.
void RegisterIdentity(shard::Behaviours& behaviours);

}  // namespace crm::identity
