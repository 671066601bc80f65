#pragma once

#include <cstdint>

#include "libs/record/mutations.h"

// Each mutation leaves out one step of the decision.
namespace crm::access {

enum class Mutation : uint8_t {
  kNoGate,           // 0: disabled users, and users without role or seat, are decided like others
  kNoAdministrator,  // 1
  kNoOwnGrants,      // 2: only the roles of teams count
  kNoTeamGrants,     // 2: only a user's own roles count
  kNoTypeCheck,      // 3: a share exceeds a missing privilege
  kNoOwnerCheck,     // 4
  kNoShares,         // 5
  kNoInheritance,    // 5: who owns a parent reads nothing by it
  kNoHierarchy,      // 6
  kNoDenial,         // 7: what no step allowed is allowed
};

using Mutations = record::MutationSet<Mutation>;

}  // namespace crm::access
