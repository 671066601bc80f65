#pragma once

#include <string>

#include "libs/record/clock.h"
#include "libs/record/result.h"
#include "libs/runtime/settings.h"

namespace crm::runtime {

// The secret that page tokens are signed with: the one that is set, else the one in
// <data>/token.key, which only its owner can read and which is created when there is none.
record::Result<std::string> TokenKey(const Settings& settings, record::Random& random);

}  // namespace crm::runtime
