#pragma once

#include "crm/identity/v1/user.pb.h"
#include "libs/shard/behaviour.h"

namespace crm::identity {

std::optional<shard::Refusal> DeriveUser(shard::Draft& draft, const shard::Transaction& tx);
std::optional<shard::Refusal> KeepUser(std::string_view image, const shard::Transaction& tx);
shard::Refusable<v1::AssignUserRolesResponse> AssignUserRoles(
    const v1::AssignUserRolesRequest& request, shard::Transaction& tx);
shard::Refusable<v1::RemoveUserRolesResponse> RemoveUserRoles(
    const v1::RemoveUserRolesRequest& request, shard::Transaction& tx);
shard::Refusable<v1::MoveUserResponse> MoveUser(const v1::MoveUserRequest& request,
                                                shard::Transaction& tx);
shard::Refusable<v1::AssignSeatResponse> AssignSeat(const v1::AssignSeatRequest& request,
                                                    shard::Transaction& tx);
shard::Refusable<v1::ReleaseSeatResponse> ReleaseSeat(const v1::ReleaseSeatRequest& request,
                                                      shard::Transaction& tx);

}  // namespace crm::identity
