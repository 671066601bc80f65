#pragma once

#include "libs/shard/behaviour.h"

namespace crm::sales {

// Binds the behaviours of the sales service's record types to their methods.
void RegisterSales(shard::Behaviours& behaviours);

}  // namespace crm::sales
