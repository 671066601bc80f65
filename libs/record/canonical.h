#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "libs/record/catalogue.h"

// The canonical form of images, for this library only.
namespace crm::record {

// Whether an image is canonical already: most are, because protobuf writes them nearly so. May say
// no where it is too much work to find out.
bool IsCanonical(const MessageType& type, std::string_view bytes);

// The value as protobuf stores it: a varint may come with more bits than the type has.
uint64_t CanonicalNumber(google::protobuf::FieldDescriptor::Type type, uint64_t value);

void AppendNumber(WireType wire, uint64_t value, std::string* out);

// Splits a packed field's payload; false when it is malformed.
template <class Visit>
bool ForEachPacked(WireType wire, std::string_view payload, Visit visit) {
  if (wire != WireType::kVarint) {
    size_t size = wire == WireType::kFixed64 ? 8 : 4;
    if (payload.size() % size != 0) return false;
    for (; !payload.empty(); payload.remove_prefix(size)) {
      uint64_t value = 0;
      std::copy_n(payload.data(), size, reinterpret_cast<char*>(&value));
      visit(value);
    }
    return true;
  }
  while (!payload.empty()) {
    uint64_t value = 0;
    size_t at = 0;
    for (;; ++at) {
      if (at == payload.size() || at == 10) return false;
      value |= uint64_t{payload[at] & 0x7fu} << (7 * at);
      if (static_cast<uint8_t>(payload[at]) < 0x80) break;
    }
    visit(value);
    payload.remove_prefix(at + 1);
  }
  return true;
}

}  // namespace crm::record
