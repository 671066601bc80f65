#pragma once

#include <cstdint>

// Each mutation leaves out one step of the decision, so that a test can show that it is needed.
// They exist only in builds with RECALL_MUTATIONS; elsewhere Has() is a constant.
namespace crm::access {

enum class Mutation : uint8_t {
  kNoGate,           // 0: disabled users, and users without role or seat, are decided like others
  kNoAdministrator,  // 1
  kNoTeamGrants,     // 2: only a user's own roles count
  kNoTypeCheck,      // 3: a share exceeds a missing privilege
  kNoOwnerCheck,     // 4
  kNoShares,         // 5
  kNoInheritance,    // 5: who owns a parent reads nothing by it
  kNoHierarchy,      // 6
  kNoDenial,         // 7: what no step allowed is allowed
};

class Mutations {
 public:
  constexpr Mutations() = default;
#ifdef RECALL_MUTATIONS
  constexpr explicit Mutations(Mutation one) : bits_(1u << static_cast<unsigned>(one)) {}
  constexpr bool Has(Mutation one) const { return (bits_ >> static_cast<unsigned>(one)) & 1u; }

 private:
  uint32_t bits_ = 0;
#else
  static constexpr bool Has(Mutation) { return false; }
#endif
};

}  // namespace crm::access
