#pragma once

#include <string>

#include "libs/record/status.h"

namespace crm::store {

// What is answered instead of what would have needed View::TakeMissing()'s index.
inline record::Status IndexBeingBuilt(const std::string& index) {
  constexpr int kRetryMs = 1'000;
  return record::Unavailable("INDEX_BEING_BUILT", "The index " + index + " is being built.",
                             kRetryMs);
}

}  // namespace crm::store
