#pragma once

#include <cstdint>
#include <string_view>

namespace crm::log {

// CRC-32C (Castagnoli), as SSE 4.2 computes it; with tables where the processor does not have it.
uint32_t Crc32c(std::string_view bytes);

}  // namespace crm::log
