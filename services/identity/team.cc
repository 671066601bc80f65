#include "services/identity/team.h"

#include <algorithm>

#include "services/identity/records.h"
#include "services/identity/security_role.h"

namespace crm::identity {

using v1::Team;

namespace {

bool HasTeamOfEveryone(std::string_view unit, const shard::Transaction& tx) {
  const auto teams = Referring<Team>(tx, "business_unit", unit);
  return std::any_of(teams.begin(), teams.end(), [](const Team& team) { return team.everyone(); });
}

}  // namespace

std::optional<shard::Refusal> DeriveTeam(shard::Draft& draft, const shard::Transaction& tx) {
  if (!IsFounded(tx)) return std::nullopt;
  const Team team = AsWritten<Team>(draft);
  if (team.everyone() && team.members_size() > 0) return shard::Refusal(v1::TEAM_OF_EVERYONE);
  if (team.team_type() == Team::TEAM_TYPE_ACCESS && team.roles_size() > 0)
    return shard::Refusal(v1::ACCESS_TEAM_WITHOUT_ROLES);
  if (!draft.is_new()) return std::nullopt;
  if (team.everyone() && HasTeamOfEveryone(team.business_unit(), tx))
    return shard::Refusal(v1::TEAM_OF_EVERYONE);
  return CheckEnabled(team.business_unit(), tx);
}

// Only with its unit, which is disabled before it goes.
std::optional<shard::Refusal> KeepTeam(std::string_view image, const shard::Transaction& tx) {
  Team team;
  team.ParseFromArray(image.data(), static_cast<int>(image.size()));
  if (team.everyone() && IsFounded(tx) && !CheckEnabled(team.business_unit(), tx))
    return shard::Refusal(v1::TEAM_OF_EVERYONE);
  return std::nullopt;
}

shard::Refusable<v1::AddTeamMembersResponse> AddTeamMembers(
    const v1::AddTeamMembersRequest& request, shard::Transaction& tx) {
  auto team = tx.Get<Team>(request.name(), request.etag());
  if (!team) return team.refusal();
  if (team->everyone()) return shard::Refusal(v1::TEAM_OF_EVERYONE);
  // Members have what the team's roles allow.
  if (auto refusal = CheckGiving(team->roles(), team->business_unit(), tx)) return *refusal;
  AddAll(request.members(), team->mutable_members());
  return Written<v1::AddTeamMembersResponse>(*team, tx);
}

shard::Refusable<v1::RemoveTeamMembersResponse> RemoveTeamMembers(
    const v1::RemoveTeamMembersRequest& request, shard::Transaction& tx) {
  auto team = tx.Get<Team>(request.name(), request.etag());
  if (!team) return team.refusal();
  if (team->everyone()) return shard::Refusal(v1::TEAM_OF_EVERYONE);
  RemoveAll(request.members(), team->mutable_members());
  return Written<v1::RemoveTeamMembersResponse>(*team, tx);
}

shard::Refusable<v1::AssignTeamRolesResponse> AssignTeamRoles(
    const v1::AssignTeamRolesRequest& request, shard::Transaction& tx) {
  auto team = tx.Get<Team>(request.name(), request.etag());
  if (!team) return team.refusal();
  if (team->team_type() == Team::TEAM_TYPE_ACCESS)
    return shard::Refusal(v1::ACCESS_TEAM_WITHOUT_ROLES);
  if (auto refusal = CheckGiving(request.roles(), team->business_unit(), tx)) return *refusal;
  AddAll(request.roles(), team->mutable_roles());
  return Written<v1::AssignTeamRolesResponse>(*team, tx);
}

shard::Refusable<v1::RemoveTeamRolesResponse> RemoveTeamRoles(
    const v1::RemoveTeamRolesRequest& request, shard::Transaction& tx) {
  auto team = tx.Get<Team>(request.name(), request.etag());
  if (!team) return team.refusal();
  RemoveAll(request.roles(), team->mutable_roles());
  return Written<v1::RemoveTeamRolesResponse>(*team, tx);
}

}  // namespace crm::identity
