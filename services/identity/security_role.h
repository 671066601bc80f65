#pragma once

#include <google/protobuf/repeated_ptr_field.h>

#include "crm/identity/v1/security_role.pb.h"
#include "libs/shard/behaviour.h"

namespace crm::identity {

std::optional<shard::Refusal> DeriveSecurityRole(shard::Draft& draft, const shard::Transaction& tx);
std::optional<shard::Refusal> KeepSecurityRole(std::string_view image,
                                               const shard::Transaction& tx);
shard::Refusable<v1::CopySecurityRoleResponse> CopySecurityRole(
    const v1::CopySecurityRoleRequest& request, shard::Transaction& tx);

// Whether the caller may give these roles to somebody in this unit: they are roles of the unit or
// of one above it, and none has a right that is deeper than the caller's own.
std::optional<shard::Refusal> CheckGiving(
    const google::protobuf::RepeatedPtrField<std::string>& roles, const std::string& unit,
    const shard::Transaction& tx);

}  // namespace crm::identity
