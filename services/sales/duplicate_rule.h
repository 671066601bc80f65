#pragma once

#include "libs/shard/behaviour.h"

namespace crm::sales {

// Only a rule that finds something is published: of a type that is looked through, on fields that
// there are, and with a condition by which candidates are found.
std::optional<shard::Refusal> DeriveDuplicateRule(shard::Draft& draft,
                                                  const shard::Transaction& tx);

}  // namespace crm::sales
