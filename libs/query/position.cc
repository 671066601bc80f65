#include "libs/query/position.h"

#include "libs/record/spans.h"
#include "libs/record/wire.h"

namespace crm::query {
namespace {

constexpr std::string_view kDigits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

}  // namespace

std::string ToBase64Url(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() * 4 + 2) / 3);
  uint32_t bits = 0;
  int count = 0;
  for (unsigned char byte : bytes) {
    bits = (bits << 8) | byte;
    for (count += 8; count >= 6; count -= 6) text.push_back(kDigits[(bits >> (count - 6)) & 63]);
  }
  if (count > 0) text.push_back(kDigits[(bits << (6 - count)) & 63]);
  return text;
}

std::optional<std::string> FromBase64Url(std::string_view text) {
  std::string bytes;
  uint32_t bits = 0;
  int count = 0;
  for (char digit : text) {
    const size_t value = kDigits.find(digit);
    if (value == std::string_view::npos) return std::nullopt;
    bits = (bits << 6) | static_cast<uint32_t>(value);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes.push_back(static_cast<char>((bits >> count) & 255));
  }
  return bytes;
}

std::string Position::Encode() const {
  std::string bytes;
  record::AppendBytesField(1, service, &bytes);
  record::AppendVarintField(2, static_cast<uint64_t>(partition), &bytes);
  record::AppendVarintField(3, log_id, &bytes);
  record::AppendVarintField(4, static_cast<uint64_t>(offset + 1), &bytes);
  return ToBase64Url(bytes);
}

std::optional<Position> Position::Decode(std::string_view text) {
  Position position;
  if (text.empty()) return std::nullopt;
  if (text == "0") return position;
  auto bytes = FromBase64Url(text);
  if (!bytes) return std::nullopt;
  auto spans = record::Spans::Read(*bytes);
  if (!spans) return std::nullopt;
  position.service = std::string(spans->Text(1));
  position.partition = static_cast<int>(spans->Integer(2));
  position.log_id = spans->Integer(3);
  position.offset = static_cast<int64_t>(spans->Integer(4)) - 1;
  if (position.Encode() != text) return std::nullopt;
  return position;
}

}  // namespace crm::query
