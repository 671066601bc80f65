#pragma once

#include <cstdint>
#include <string>

#include "libs/log/record.h"

// The log's own records as values: members of every service's root Event, under the same numbers.
namespace crm::log {

inline constexpr uint32_t kClaimInRoot = 1;
inline constexpr uint32_t kAliveInRoot = 2;
inline constexpr uint32_t kReleasedInRoot = 3;
inline constexpr uint32_t kReachedInRoot = 4;

std::string ClaimValue(const event::v1::Claim& claim);
std::string AliveValue();
std::string ReleasedValue();
std::string ReachedValue(const event::v1::Reached& reached);

}  // namespace crm::log
