#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "libs/access/organization.h"

namespace crm::access {

// Why a user may do nothing at all, or nothing of a kind.
enum class Gate : uint8_t {
  kOpen,
  kTenantSuspended,
  kUserDisabled,
  kNoRole,
  kNoSeat,
  kMode,  // the user's access mode has no such right
};

// What one user may do, compiled from its roles, teams, profiles and reports.
class Subject {
 public:
  using Index = Organization::Index;

  Subject(const Organization& organization, Index user);

  // Roles that count at one place: the user's own at its unit, or a team's at the team's.
  struct Grant {
    Index team = Organization::kNone;  // kNone: the user's own
    Index anchor = Organization::kNone;
    std::vector<Index> roles;
    std::vector<uint8_t> depths;  // by type and right
  };

  const Organization& organization() const { return organization_; }
  Index user() const { return user_; }
  const Id& id() const { return organization_.users()[static_cast<size_t>(user_)].id; }
  bool administrator() const { return administrator_; }
  const std::vector<Grant>& grants() const { return grants_; }
  // The greatest depth of a right on a type, by its position in the organization's types.
  Depth MostDepth(Index type, Right right) const {
    return static_cast<Depth>(
        most_[static_cast<size_t>(type) * kRights + static_cast<size_t>(right)]);
  }
  bool HasMiscellaneous(std::string_view privilege) const;

  // Whether the user may act at all: tenant, user, role, any seat.
  Gate gate() const { return gate_; }
  Gate GateTo(const Organization::Type& type, Right right) const;

  bool IsSelfOrTeam(const Party& party) const;
  bool IsIn(Index team) const;
  // How far below the user in the hierarchy the party stands; 0: it does not.
  int DistanceTo(const Party& party) const;

  // Of a secured field: what the user's profiles allow. Everything, of one that is not.
  FieldRule RuleOf(TypeNumber type, uint32_t field) const;
  // Secured fields that the user may not read.
  const std::vector<uint32_t>& HiddenFields(TypeNumber type) const;

  // The owners whose records the user may read; nullopt: those of everybody, or too many to name.
  // Shares and inheritance open more.
  std::optional<std::vector<Party>> ReadableOwners(TypeNumber type, size_t most) const;
  // The user and its teams: whom a share may name to reach the user.
  std::vector<Party> Parties() const;

  // Differs when the user's rights do.
  uint64_t fingerprint() const { return fingerprint_; }

 private:
  void CompileGrants();
  void AddGrant(Index team, Index anchor, const std::vector<Index>& roles);
  void CompileReports();
  void Reach(Index user, int distance);
  void CompileFields();
  Gate CompileGate() const;
  uint64_t CompileFingerprint() const;

  const Organization& organization_;
  const Index user_;
  bool administrator_ = false;
  std::vector<Grant> grants_;
  std::vector<uint8_t> most_;
  std::unordered_map<Index, int> reports_;       // users below, and how far
  std::unordered_map<Index, int> report_teams_;  // teams that they are in
  std::vector<FieldRule> fields_;
  std::unordered_map<TypeNumber, std::vector<uint32_t>> hidden_;
  Gate gate_ = Gate::kOpen;
  uint64_t fingerprint_ = 0;
};

std::string_view NameOf(Gate gate);  // `USER_DISABLED`

}  // namespace crm::access
