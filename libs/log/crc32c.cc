#include "libs/log/crc32c.h"

#include <array>
#include <cstring>

namespace crm::log {
namespace {

constexpr std::array<uint32_t, 256> MakeTable() {
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) ? 0x82f63b78u : 0);
    table[i] = crc;
  }
  return table;
}

constexpr std::array<uint32_t, 256> kTable = MakeTable();

uint32_t WithTable(const char* at, size_t size, uint32_t crc) {
  for (; size > 0; --size, ++at)
    crc = kTable[(crc ^ static_cast<uint8_t>(*at)) & 0xff] ^ (crc >> 8);
  return crc;
}

#ifdef __x86_64__
__attribute__((target("sse4.2"))) uint32_t WithInstruction(const char* at, size_t size,
                                                           uint32_t crc) {
  uint64_t wide = crc;
  for (; size >= 8; size -= 8, at += 8) {
    uint64_t word;
    std::memcpy(&word, at, sizeof word);
    wide = __builtin_ia32_crc32di(wide, word);
  }
  crc = static_cast<uint32_t>(wide);
  for (; size > 0; --size, ++at) crc = __builtin_ia32_crc32qi(crc, static_cast<uint8_t>(*at));
  return crc;
}
#endif

}  // namespace

uint32_t Crc32c(std::string_view bytes) {
#ifdef __x86_64__
  static const bool instruction = __builtin_cpu_supports("sse4.2");
  if (instruction) return ~WithInstruction(bytes.data(), bytes.size(), ~0u);
#endif
  return ~WithTable(bytes.data(), bytes.size(), ~0u);
}

}  // namespace crm::log
