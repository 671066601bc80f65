#pragma once

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

// The texts of JSON's values, byte for byte as protobuf writes them.
namespace crm::record {

// Quoted and escaped.
void AppendJsonText(std::string_view text, std::string* out);
void AppendBase64(std::string_view bytes, std::string* out);
void AppendJsonDouble(double value, std::string* out);
void AppendJsonFloat(float value, std::string* out);
void AppendTimestamp(int64_t seconds, int32_t nanos, std::string* out);
void AppendDuration(int64_t seconds, int32_t nanos, std::string* out);
// `update_mask` becomes `updateMask`, after a comma where it is not the first.
void AppendMaskPath(std::string_view path, std::string* out);

template <class T>
void AppendNumber(T value, bool quoted, std::string* out) {
  char digits[24];
  auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  if (quoted) *out += '"';
  out->append(digits, end);
  if (quoted) *out += '"';
}

}  // namespace crm::record
