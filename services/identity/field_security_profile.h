#pragma once

#include "crm/identity/v1/field_security_profile.pb.h"
#include "libs/shard/behaviour.h"

namespace crm::identity {

// A profile that names what is not there would leave open what it was to close.
std::optional<shard::Refusal> DeriveFieldSecurityProfile(shard::Draft& draft,
                                                         const shard::Transaction& tx);

}  // namespace crm::identity
