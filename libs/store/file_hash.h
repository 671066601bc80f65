#pragma once

#include <string>

#include "libs/record/result.h"

namespace crm::store {

// SHA-256 of what is in the file, in 64 hex digits.
record::Result<std::string> HashOfFile(const std::string& path);

}  // namespace crm::store
