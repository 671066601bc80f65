#pragma once

#include "crm/identity/v1/tenant.pb.h"
#include "libs/shard/behaviour.h"

namespace crm::identity {

std::optional<shard::Refusal> DeriveTenant(shard::Draft& draft, const shard::Transaction& tx);
std::optional<shard::Refusal> KeepTenant(std::string_view image, const shard::Transaction& tx);
shard::Refusable<v1::FoundTenantResponse> FoundTenant(const v1::FoundTenantRequest& request,
                                                      shard::Transaction& tx);

}  // namespace crm::identity
