#include "libs/record/json_text.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>

namespace crm::record {
namespace {

struct Code {
  uint32_t value;
  size_t length;
};

// Of valid UTF-8.
Code CodePointAt(std::string_view text) {
  auto byte = [&](size_t i) { return i < text.size() ? static_cast<uint8_t>(text[i]) : 0u; };
  uint32_t first = byte(0);
  if (first < 0x80) return {first, 1};
  if (first < 0xe0) return {(first & 0x1f) << 6 | (byte(1) & 0x3f), 2};
  if (first < 0xf0) return {(first & 0x0f) << 12 | (byte(1) & 0x3f) << 6 | (byte(2) & 0x3f), 3};
  return {(first & 0x07) << 18 | (byte(1) & 0x3f) << 12 | (byte(2) & 0x3f) << 6 | (byte(3) & 0x3f),
          4};
}

// What protobuf writes as \uXXXX beside control characters: markup that a page might take for its
// own, and characters that nobody sees.
bool IsEscaped(uint32_t code) {
  static constexpr std::pair<uint32_t, uint32_t> kRanges[] = {
      {0x00, 0x1f},     {0x22, 0x22},       {0x3c, 0x3c},       {0x3e, 0x3e},
      {0x5c, 0x5c},     {0x7f, 0x9f},       {0xad, 0xad},       {0x600, 0x603},
      {0x6dd, 0x6dd},   {0x70f, 0x70f},     {0x17b4, 0x17b5},   {0x200b, 0x200f},
      {0x2028, 0x202e}, {0x2060, 0x2064},   {0x206a, 0x206f},   {0xfeff, 0xfeff},
      {0xfff9, 0xfffb}, {0x1d173, 0x1d17a}, {0xe0001, 0xe0001}, {0xe0020, 0xe007f}};
  return std::any_of(std::begin(kRanges), std::end(kRanges), [&](const auto& range) {
    return code >= range.first && code <= range.second;
  });
}

void AppendUnit(uint32_t unit, std::string* out) {
  static constexpr char kDigits[] = "0123456789abcdef";
  *out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) *out += kDigits[unit >> shift & 15];
}

void AppendEscape(uint32_t code, std::string* out) {
  static constexpr std::string_view kShort = "\b\f\n\r\t\"\\", kLetters = "bfnrt\"\\";
  size_t at = code < 0x80 ? kShort.find(static_cast<char>(code)) : std::string_view::npos;
  if (at != std::string_view::npos) {
    *out += '\\';
    *out += kLetters[at];
  } else if (code < 0x10000) {
    AppendUnit(code, out);
  } else {
    AppendUnit(0xd800 + ((code - 0x10000) >> 10), out);
    AppendUnit(0xdc00 + ((code - 0x10000) & 0x3ff), out);
  }
}

bool AppendUnusual(double value, std::string* out) {
  if (std::isfinite(value)) return false;
  *out += std::isnan(value) ? "\"NaN\"" : value > 0 ? "\"Infinity\"" : "\"-Infinity\"";
  return true;
}

// 0, 3, 6 or 9 decimals.
void AppendNanos(int32_t nanos, std::string* out) {
  if (nanos == 0) return;
  char text[16];
  // Nothing out of range passes validation; here it must only not break.
  int decimals = std::abs(nanos % 1'000'000'000);
  int size = std::snprintf(text, sizeof text, ".%09d", decimals);
  if (nanos % 1'000'000 == 0) {
    size -= 6;
  } else if (nanos % 1000 == 0) {
    size -= 3;
  }
  out->append(text, static_cast<size_t>(size));
}

}  // namespace

void AppendJsonText(std::string_view text, std::string* out) {
  *out += '"';
  while (!text.empty()) {
    auto plain = std::find_if(text.begin(), text.end(), [](char c) {
      auto byte = static_cast<uint8_t>(c);
      return byte >= 0x80 || byte == 0x7f || byte < 0x20 || c == '"' || c == '\\' || c == '<' ||
             c == '>';
    });
    out->append(text.begin(), plain);
    text.remove_prefix(static_cast<size_t>(plain - text.begin()));
    if (text.empty()) break;
    Code code = CodePointAt(text);
    if (IsEscaped(code.value)) {
      AppendEscape(code.value, out);
    } else {
      out->append(text.substr(0, code.length));
    }
    text.remove_prefix(std::min(code.length, text.size()));
  }
  *out += '"';
}

void AppendBase64(std::string_view bytes, std::string* out) {
  static constexpr char kDigits[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  *out += '"';
  for (size_t i = 0; i < bytes.size(); i += 3) {
    auto byte = [&](size_t at) { return at < bytes.size() ? static_cast<uint8_t>(bytes[at]) : 0u; };
    uint32_t three = byte(i) << 16 | byte(i + 1) << 8 | byte(i + 2);
    *out += kDigits[three >> 18];
    *out += kDigits[three >> 12 & 63];
    *out += i + 1 < bytes.size() ? kDigits[three >> 6 & 63] : '=';
    *out += i + 2 < bytes.size() ? kDigits[three & 63] : '=';
  }
  *out += '"';
}

void AppendJsonDouble(double value, std::string* out) {
  if (AppendUnusual(value, out)) return;
  char text[40];
  std::snprintf(text, sizeof text, "%.15g", value);
  if (std::strtod(text, nullptr) != value) std::snprintf(text, sizeof text, "%.17g", value);
  *out += text;
}

void AppendJsonFloat(float value, std::string* out) {
  if (AppendUnusual(double{value}, out)) return;
  char text[40];
  std::snprintf(text, sizeof text, "%.6g", double{value});
  if (std::strtof(text, nullptr) != value) std::snprintf(text, sizeof text, "%.9g", double{value});
  *out += text;
}

void AppendTimestamp(int64_t seconds, int32_t nanos, std::string* out) {
  // Validation keeps times within the years 1 to 9999; what is outside must only not break.
  constexpr int64_t kFar = 300'000'000'000;
  std::time_t time = std::clamp(seconds, -kFar, kFar);
  std::tm utc{};
  gmtime_r(&time, &utc);
  char text[64];
  std::snprintf(text, sizeof text, "\"%04d-%02d-%02dT%02d:%02d:%02d", utc.tm_year + 1900,
                utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec);
  *out += text;
  AppendNanos(nanos, out);
  *out += "Z\"";
}

void AppendDuration(int64_t seconds, int32_t nanos, std::string* out) {
  *out += seconds < 0 || nanos < 0 ? "\"-" : "\"";
  std::string digits = std::to_string(seconds);
  *out += digits.substr(digits[0] == '-' ? 1 : 0);
  AppendNanos(nanos, out);
  *out += "s\"";
}

void AppendMaskPath(std::string_view path, std::string* out) {
  if (!out->empty()) *out += ',';
  bool upper = false;
  for (char c : path) {
    if (c == '_') {
      upper = true;
      continue;
    }
    *out += upper && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    upper = false;
  }
}

}  // namespace crm::record
