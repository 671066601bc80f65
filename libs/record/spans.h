#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "libs/record/wire.h"

namespace crm::record {

// Where one field lies in an image.
struct Span {
  uint32_t number = 0;
  WireType type = WireType::kVarint;
  uint8_t head = 0;  // bytes before the payload: the tag, and kBytes' size
  uint64_t varint = 0;
  std::string_view payload;

  // The one that the reader is at.
  static Span Of(const WireReader& at) {
    const auto head = at.payload().data() - at.whole().data();
    return {at.number(), at.type(), static_cast<uint8_t>(head), at.varint(), at.payload()};
  }
  std::string_view whole() const { return {payload.data() - head, payload.size() + head}; }
};

// Whether a field, null where it is not set, is the same in two images.
inline bool SameField(const Span* one, const Span* other) {
  if (one == nullptr || other == nullptr) return one == other;
  return one->whole() == other->whole();
}

// An image's fields by number, found in one pass. The image must outlive it.
class Spans {
 public:
  Spans();
  // nullopt when the bytes are no protobuf message.
  static std::optional<Spans> Read(std::string_view image);

  std::span<const Span> all() const;
  // The last span of the field (last value wins), or null.
  const Span* Find(uint32_t number) const;
  // All spans of a repeated field in a canonical image, where they stand together.
  std::span<const Span> All(uint32_t number) const;

  bool Has(uint32_t number) const { return Find(number) != nullptr; }
  std::string_view Text(uint32_t number) const;
  uint64_t Integer(uint32_t number) const;

 private:
  static constexpr size_t kInline = 48;
  Span* Place() { return reinterpret_cast<Span*>(inline_); }
  const Span* Place() const { return reinterpret_cast<const Span*>(inline_); }

  // Raw memory, because emptying 48 spans costs more than reading a record.
  alignas(Span) std::byte inline_[kInline * sizeof(Span)];
  size_t inline_count_ = 0;
  bool sorted_ = true;
  std::vector<Span> spilled_;  // holds all of them once there are more than fit inline
};

// One field of a canonical image, which is found without looking at what stands behind it: "", 0
// and false where it is not set.
std::string_view TextIn(std::string_view image, uint32_t number);
uint64_t IntegerIn(std::string_view image, uint32_t number);
bool IsSetIn(std::string_view image, uint32_t number);

}  // namespace crm::record
