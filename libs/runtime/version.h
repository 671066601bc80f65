#pragma once

namespace crm::runtime {

// Of this program; CMakeLists.txt at the root has it.
inline constexpr char kVersion[] = RECALL_VERSION;

}  // namespace crm::runtime
