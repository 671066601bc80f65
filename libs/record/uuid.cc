#include "libs/record/uuid.h"

#include <algorithm>

namespace crm::record {
namespace {

// The value of each hex digit, -1 of any other character.
constexpr std::array<int8_t, 256> kHexDigits = [] {
  std::array<int8_t, 256> digits{};
  digits.fill(-1);
  for (int i = 0; i < 10; ++i) digits['0' + i] = static_cast<int8_t>(i);
  for (int i = 0; i < 6; ++i) digits['a' + i] = digits['A' + i] = static_cast<int8_t>(10 + i);
  return digits;
}();

int HexDigit(char c) { return kHexDigits[static_cast<uint8_t>(c)]; }

bool HyphenAt(size_t i) { return i == 8 || i == 13 || i == 18 || i == 23; }

}  // namespace

std::string Uuid::Text() const {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text(36, '-');
  size_t at = 0;
  for (uint8_t byte : bytes) {
    if (HyphenAt(at)) ++at;
    text[at++] = kDigits[byte >> 4];
    text[at++] = kDigits[byte & 15];
  }
  return text;
}

std::optional<Uuid> Uuid::Parse(std::string_view text) {
  if (text.size() != 36) return std::nullopt;
  if (text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-') return std::nullopt;
  Uuid uuid;
  // Where the two digits of each byte stand.
  static constexpr uint8_t kPlaces[] = {0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34};
  int wrong = 0;
  for (size_t i = 0; i < uuid.bytes.size(); ++i) {
    int high = HexDigit(text[kPlaces[i]]), low = HexDigit(text[kPlaces[i] + 1]);
    wrong |= high | low;
    uuid.bytes[i] = static_cast<uint8_t>((high & 15) << 4 | (low & 15));
  }
  if (wrong < 0) return std::nullopt;
  return uuid;
}

std::optional<Uuid> Uuid::FromBytes(std::string_view bytes) {
  Uuid uuid;
  if (bytes.size() != uuid.bytes.size()) return std::nullopt;
  std::copy(bytes.begin(), bytes.end(), uuid.bytes.begin());
  return uuid;
}

Uuid MakeUuidV7(Instant time, uint16_t sub, uint64_t random) {
  uint64_t millis = static_cast<uint64_t>(time / 1000) & 0xffff'ffff'ffff;
  uint64_t high = millis << 16 | 0x7000 | (sub & 0x0fff);
  uint64_t low = (random & 0x3fff'ffff'ffff'ffff) | 0x8000'0000'0000'0000;
  Uuid uuid;
  for (int i = 0; i < 8; ++i) {
    uuid.bytes[i] = static_cast<uint8_t>(high >> (56 - 8 * i));
    uuid.bytes[i + 8] = static_cast<uint8_t>(low >> (56 - 8 * i));
  }
  return uuid;
}

}  // namespace crm::record
