#pragma once

#include "crm/identity/v1/access_team_template.pb.h"
#include "libs/shard/behaviour.h"

namespace crm::identity {

std::optional<shard::Refusal> DeriveAccessTeamTemplate(shard::Draft& draft,
                                                       const shard::Transaction& tx);

}  // namespace crm::identity
