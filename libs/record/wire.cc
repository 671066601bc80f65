#include "libs/record/wire.h"

namespace crm::record {

WireReader::Long WireReader::LongVarint(const char* at, const char* end) {
  uint64_t result = 0;
  for (int shift = 0; shift < 70 && at < end; shift += 7) {
    uint8_t byte = static_cast<uint8_t>(*at++);
    // The tenth byte has one bit of use; protobuf ignores the others, and so do we.
    result |= uint64_t{byte & 0x7fu} << shift;
    if (byte < 0x80) return {result, at};
  }
  return {0, nullptr};
}

void AppendVarint(uint64_t value, std::string* out) {
  char bytes[10];
  size_t size = 0;
  while (value >= 0x80) {
    bytes[size++] = static_cast<char>(value | 0x80);
    value >>= 7;
  }
  bytes[size++] = static_cast<char>(value);
  out->append(bytes, size);
}

void AppendTag(uint32_t number, WireType type, std::string* out) {
  AppendVarint(uint64_t{number} << 3 | static_cast<uint64_t>(type), out);
}

void AppendVarintField(uint32_t number, uint64_t value, std::string* out) {
  AppendTag(number, WireType::kVarint, out);
  AppendVarint(value, out);
}

void AppendBytesField(uint32_t number, std::string_view bytes, std::string* out) {
  AppendTag(number, WireType::kBytes, out);
  AppendVarint(bytes.size(), out);
  out->append(bytes);
}

}  // namespace crm::record
