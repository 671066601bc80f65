#include "libs/record/wire.h"

namespace crm::record {
namespace {

constexpr uint64_t kMaxTag = (uint64_t{1} << 32) - 1;

template <class T>
uint64_t LittleEndian(const char* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__);
  return value;
}

}  // namespace

bool WireReader::Varint(uint64_t* value) {
  if (at_ < end_ && static_cast<uint8_t>(*at_) < 0x80) {
    *value = static_cast<uint8_t>(*at_++);
    return true;
  }
  uint64_t result = 0;
  for (int shift = 0; shift < 70 && at_ < end_; shift += 7) {
    uint8_t byte = static_cast<uint8_t>(*at_++);
    // The tenth byte has one bit of use; protobuf ignores the others, and so do we.
    result |= uint64_t{byte & 0x7fu} << shift;
    if (byte < 0x80) {
      *value = result;
      return true;
    }
  }
  return false;
}

bool WireReader::Next() {
  if (at_ == end_) return false;
  const char* start = at_;
  ok_ = false;
  uint64_t tag = 0;
  if (!Varint(&tag) || tag > kMaxTag || tag < 8) return false;
  number_ = static_cast<uint32_t>(tag >> 3);
  uint64_t size = 0;
  switch (tag & 7) {
    case 0: {
      type_ = WireType::kVarint;
      const char* from = at_;
      if (!Varint(&varint_)) return false;
      payload_ = {from, static_cast<size_t>(at_ - from)};
      break;
    }
    case 1:
      type_ = WireType::kFixed64;
      if (end_ - at_ < 8) return false;
      varint_ = LittleEndian<uint64_t>(at_);
      payload_ = {at_, 8};
      at_ += 8;
      break;
    case 2:
      type_ = WireType::kBytes;
      if (!Varint(&size) || size > static_cast<uint64_t>(end_ - at_)) return false;
      varint_ = 0;
      payload_ = {at_, static_cast<size_t>(size)};
      at_ += size;
      break;
    case 5:
      type_ = WireType::kFixed32;
      if (end_ - at_ < 4) return false;
      varint_ = LittleEndian<uint32_t>(at_);
      payload_ = {at_, 4};
      at_ += 4;
      break;
    default:
      return false;
  }
  whole_ = {start, static_cast<size_t>(at_ - start)};
  ok_ = true;
  return true;
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
