#pragma once

#include "crm/identity/v1/user.pb.h"
#include "libs/shard/behaviour.h"

namespace crm::identity {

// Nobody loses a seat because fewer are bought: seats are released first.
std::optional<shard::Refusal> DeriveLicence(shard::Draft& draft, const shard::Transaction& tx);
std::optional<shard::Refusal> KeepLicence(std::string_view image, const shard::Transaction& tx);

bool HasSeat(const v1::User& user, std::string_view module);
// How many enabled users have a seat of the module.
int64_t SeatsTaken(std::string_view module, const shard::Transaction& tx);

}  // namespace crm::identity
