#include "libs/access/rights.h"

namespace crm::access {

std::string_view NameOf(Right right) {
  static constexpr std::string_view kNames[] = {"Create", "Read",     "Write",  "Delete",
                                                "Append", "AppendTo", "Assign", "Share"};
  return kNames[static_cast<size_t>(right)];
}

std::string_view NameOf(Depth depth) {
  static constexpr std::string_view kNames[] = {"None", "User", "Unit", "Units", "Organization"};
  return kNames[static_cast<size_t>(depth)];
}

}  // namespace crm::access
