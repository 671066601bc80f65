#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace crm::rpc {

// SHA-256, with the algorithm looked up once: OpenSSL's own SHA256() does it with every call, which
// takes longer than hashing a name.
std::array<uint8_t, 32> Sha256(std::string_view bytes);

}  // namespace crm::rpc
