#pragma once

#include <string>

#include "crm/identity/v1/business_unit.pb.h"
#include "libs/shard/behaviour.h"

namespace crm::identity {

std::optional<shard::Refusal> DeriveBusinessUnit(shard::Draft& draft, const shard::Transaction& tx);
std::optional<shard::Refusal> KeepBusinessUnit(std::string_view image,
                                               const shard::Transaction& tx);
// Whether the unit is this one or somewhere below it.
bool IsWithin(std::string unit, const std::string& above, const shard::Transaction& tx);
// Its team of everybody comes with it.
std::optional<shard::Refusal> AddTeamOfEveryone(std::string_view image, shard::Transaction& tx);
shard::Refusable<v1::MoveBusinessUnitResponse> MoveBusinessUnit(
    const v1::MoveBusinessUnitRequest& request, shard::Transaction& tx);

}  // namespace crm::identity
