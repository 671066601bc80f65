#include "libs/record/text.h"

#include <algorithm>
#include <cstring>

namespace crm::record {
namespace {

bool IsContinuation(uint8_t byte) { return (byte & 0xc0) == 0x80; }

// Length of the code point at `at`, or 0.
size_t Utf8Length(const uint8_t* at, size_t left) {
  uint8_t first = at[0];
  if (first < 0x80) return 1;
  if (first < 0xc2) return 0;
  if (first < 0xe0) return left >= 2 && IsContinuation(at[1]) ? 2 : 0;
  if (left < 3 || !IsContinuation(at[1]) || !IsContinuation(at[2])) return 0;
  if (first < 0xf0) {
    if (first == 0xe0 && at[1] < 0xa0) return 0;
    if (first == 0xed && at[1] > 0x9f) return 0;
    return 3;
  }
  if (left < 4 || first > 0xf4 || !IsContinuation(at[3])) return 0;
  if (first == 0xf0 && at[1] < 0x90) return 0;
  if (first == 0xf4 && at[1] > 0x8f) return 0;
  return 4;
}

// A quick look at eight bytes: c2 begins the control characters of two bytes, e2 the marks; few
// letters of any language begin with these.
bool MayHoldForbidden(uint64_t eight) {
  constexpr uint64_t kOnes = 0x0101010101010101, kHigh = 0x8080808080808080;
  // Most are printable ASCII: a byte below U+0020 borrows, U+007F overflows.
  if ((((eight - kOnes * ' ') | (eight + kOnes) | eight) & kHigh) == 0) return false;
  const auto below = [](uint64_t bytes, uint8_t limit) {
    return (bytes - kOnes * limit) & ~bytes & kHigh;
  };
  const auto has = [&](uint8_t byte) { return below(eight ^ (kOnes * byte), 1); };
  return (below(eight, ' ') | has(0x7f) | has(0xc2) | has(0xe2)) != 0;
}

std::optional<char32_t> ForbiddenAt(const uint8_t* at, const uint8_t* end, Lines lines) {
  const uint8_t first = at[0];
  if (first < ' ' || first == 0x7f) {
    const bool of_lines = first == '\t' || first == '\n' || first == '\r';
    return of_lines && lines == Lines::kMany ? std::nullopt : std::optional<char32_t>(first);
  }
  if (first == 0xc2 && end - at >= 2 && at[1] < 0xa0) return at[1];
  if (lines == Lines::kMany || first != 0xe2 || end - at < 3) return std::nullopt;
  const char32_t mark = 0x2000 + (at[1] & 0x3fu) * 0x40 + (at[2] & 0x3fu);
  const bool separates = mark == 0x2028 || mark == 0x2029;
  const bool directs = (mark >= 0x202a && mark <= 0x202e) || (mark >= 0x2066 && mark <= 0x2069);
  return separates || directs ? std::optional<char32_t>(mark) : std::nullopt;
}

}  // namespace

bool IsUtf8(std::string_view text) {
  const auto* at = reinterpret_cast<const uint8_t*>(text.data());
  size_t left = text.size();
  while (left > 0) {
    uint64_t eight;
    if (left >= 8 && (std::memcpy(&eight, at, 8), (eight & 0x8080808080808080u) == 0)) {
      at += 8;
      left -= 8;
      continue;
    }
    size_t length = Utf8Length(at, left);
    if (length == 0) return false;
    at += length;
    left -= length;
  }
  return true;
}

std::optional<char32_t> FindForbidden(std::string_view text, Lines lines) {
  const auto* at = reinterpret_cast<const uint8_t*>(text.data());
  const uint8_t* const end = at + text.size();
  while (at < end) {
    const uint8_t* next = at + 1;
    if (end - at >= 8) {
      uint64_t eight = 0;
      std::memcpy(&eight, at, 8);
      next = at + 8;
      if (!MayHoldForbidden(eight)) at = next;
    }
    for (; at < next; ++at) {
      if (auto forbidden = ForbiddenAt(at, end, lines)) return forbidden;
    }
  }
  return std::nullopt;
}

size_t CodePoints(std::string_view text) {
  return static_cast<size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return !IsContinuation(static_cast<uint8_t>(c)); }));
}

std::string Quote(std::string_view text, size_t bytes) {
  std::string quoted;
  while (!text.empty() && quoted.size() < bytes) {
    size_t length = Utf8Length(reinterpret_cast<const uint8_t*>(text.data()), text.size());
    quoted += length == 0 ? std::string_view("?") : text.substr(0, length);
    text.remove_prefix(std::max<size_t>(length, 1));
  }
  if (!text.empty()) quoted += "…";
  return quoted;
}

}  // namespace crm::record
