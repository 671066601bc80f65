#include "libs/log/placement.h"

#include <cstddef>

namespace crm::log {

uint32_t Murmur2(std::string_view bytes) {
  constexpr uint32_t kSeed = 0x9747b28c;
  constexpr uint32_t kFactor = 0x5bd1e995;
  constexpr int kShift = 24;
  auto byte = [&](size_t at) {
    return static_cast<uint32_t>(static_cast<unsigned char>(bytes[at]));
  };

  uint32_t hash = kSeed ^ static_cast<uint32_t>(bytes.size());
  size_t at = 0;
  for (; at + 4 <= bytes.size(); at += 4) {
    uint32_t word = byte(at) | byte(at + 1) << 8 | byte(at + 2) << 16 | byte(at + 3) << 24;
    word *= kFactor;
    word ^= word >> kShift;
    word *= kFactor;
    hash *= kFactor;
    hash ^= word;
  }
  if (at < bytes.size()) {
    for (size_t left = bytes.size() - at; left > 0; --left) {
      hash ^= byte(at + left - 1) << (8 * (left - 1));
    }
    hash *= kFactor;
  }
  hash ^= hash >> 13;
  hash *= kFactor;
  hash ^= hash >> 15;
  return hash;
}

int PartitionOf(std::string_view tenant, int partitions) {
  return static_cast<int>((Murmur2(tenant) & 0x7fffffff) % static_cast<uint32_t>(partitions));
}

}  // namespace crm::log
