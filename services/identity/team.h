#pragma once

#include "crm/identity/v1/team.pb.h"
#include "libs/shard/behaviour.h"

namespace crm::identity {

std::optional<shard::Refusal> DeriveTeam(shard::Draft& draft, const shard::Transaction& tx);
std::optional<shard::Refusal> KeepTeam(std::string_view image, const shard::Transaction& tx);
shard::Refusable<v1::AddTeamMembersResponse> AddTeamMembers(
    const v1::AddTeamMembersRequest& request, shard::Transaction& tx);
shard::Refusable<v1::RemoveTeamMembersResponse> RemoveTeamMembers(
    const v1::RemoveTeamMembersRequest& request, shard::Transaction& tx);
shard::Refusable<v1::AssignTeamRolesResponse> AssignTeamRoles(
    const v1::AssignTeamRolesRequest& request, shard::Transaction& tx);
shard::Refusable<v1::RemoveTeamRolesResponse> RemoveTeamRoles(
    const v1::RemoveTeamRolesRequest& request, shard::Transaction& tx);

}  // namespace crm::identity
