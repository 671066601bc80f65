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
  bool Next();
  bool ok() const { return ok_; }

  uint32_t number() const { return number_; }
  WireType type() const { return type_; }
  uint64_t varint() const { return varint_; }            // kVarint; kFixed64 and kFixed32: the bits
  std::string_view payload() const { return payload_; }  // kBytes: the content; else the raw bytes
  std::string_view whole() const { return whole_; }      // tag and payload as they stand

 private:
  bool Varint(uint64_t* value);

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
