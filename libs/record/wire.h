#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

// Protobuf's wire format, as far as records use it: tags, varints, fixed numbers, lengths.
namespace crm::record {

enum class WireType : uint8_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

// Reads one field after the other. Group fields (wire types 3 and 4) are malformed here.
class WireReader {
 public:
  explicit WireReader(std::string_view bytes)
      : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  // Moves to the next field; false at the end and when the bytes are malformed (see ok()).
  // Inline, and without a call for short tags and lengths: everything that is done with a record
  // begins with this.
  bool Next() {
    if (at_ == end_) return false;
    const char* start = at_;
    uint64_t tag = 0;
    ok_ = false;
    if (!Varint(&tag) || tag > UINT32_MAX || tag < 8) return false;
    number_ = static_cast<uint32_t>(tag >> 3);
    const char* payload = at_;
    uint64_t size = 0;
    switch (tag & 7) {
      case 0:
        type_ = WireType::kVarint;
        if (!Varint(&varint_)) return false;
        break;
      case 1:
        type_ = WireType::kFixed64;
        if (!Fixed<uint64_t>()) return false;
        break;
      case 2:
        type_ = WireType::kBytes;
        varint_ = 0;
        if (!Varint(&size) || size > static_cast<uint64_t>(end_ - at_)) return false;
        payload = at_;
        at_ += size;
        break;
      case 5:
        type_ = WireType::kFixed32;
        if (!Fixed<uint32_t>()) return false;
        break;
      default:
        return false;
    }
    payload_ = {payload, static_cast<size_t>(at_ - payload)};
    whole_ = {start, static_cast<size_t>(at_ - start)};
    ok_ = true;
    return true;
  }
  bool ok() const { return ok_; }

  uint32_t number() const { return number_; }
  WireType type() const { return type_; }
  uint64_t varint() const { return varint_; }            // kVarint; kFixed64 and kFixed32: the bits
  std::string_view payload() const { return payload_; }  // kBytes: the content; else the raw bytes
  std::string_view whole() const { return whole_; }      // tag and payload as they stand

 private:
  bool Varint(uint64_t* value) {
    if (end_ - at_ >= 2) {
      auto first = static_cast<uint8_t>(at_[0]), second = static_cast<uint8_t>(at_[1]);
      if (first < 0x80) {
        *value = first;
        at_ += 1;
        return true;
      }
      if (second < 0x80) {
        *value = (first & 0x7fu) | static_cast<uint32_t>(second) << 7;
        at_ += 2;
        return true;
      }
    }
    const Long read = LongVarint(at_, end_);
    if (read.behind == nullptr) return false;
    at_ = read.behind;
    *value = read.value;
    return true;
  }
  struct Long {
    uint64_t value;
    const char* behind;  // null: malformed
  };
  // Of what it reads, not of the reader: a reader whose address nobody has is kept in registers.
  static Long LongVarint(const char* at, const char* end);

  template <class T>
  bool Fixed() {
    if (static_cast<size_t>(end_ - at_) < sizeof(T)) return false;
    static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__);
    T value;
    std::memcpy(&value, at_, sizeof value);
    varint_ = value;
    at_ += sizeof value;
    return true;
  }

  const char* at_;
  const char* end_;
  bool ok_ = true;
  uint32_t number_ = 0;
  WireType type_ = WireType::kVarint;
  uint64_t varint_ = 0;
  std::string_view payload_;
  std::string_view whole_;
};

void AppendVarint(uint64_t value, std::string* out);
void AppendTag(uint32_t number, WireType type, std::string* out);
void AppendVarintField(uint32_t number, uint64_t value, std::string* out);
void AppendBytesField(uint32_t number, std::string_view bytes, std::string* out);

}  // namespace crm::record
