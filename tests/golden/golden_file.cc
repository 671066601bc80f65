#include "tests/golden/golden_file.h"

#include <algorithm>
#include <sstream>

namespace crm::golden {
namespace {

constexpr std::string_view kHex = "hex:";

std::string ToHex(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) {
    text += "0123456789abcdef"[static_cast<uint8_t>(c) >> 4];
    text += "0123456789abcdef"[static_cast<uint8_t>(c) & 15];
  }
  return text;
}

std::optional<std::string> FromHex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  for (size_t i = 0; i < text.size(); i += 2) {
    int byte = 0;
    for (const char c : text.substr(i, 2)) {
      const size_t digit = std::string_view("0123456789abcdef").find(c);
      if (digit == std::string_view::npos) return std::nullopt;
      byte = byte * 16 + static_cast<int>(digit);
    }
    bytes += static_cast<char>(byte);
  }
  return bytes;
}

bool IsText(std::string_view value) {
  return std::all_of(value.begin(), value.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

}  // namespace

std::string GoldenFile::Text() const {
  std::string text =
      "# A message of the log; golden_file.h has the form. Never changed, only added.\n";
  for (const log::Header& header : headers) {
    text += "header " + header.name + " ";
    text += IsText(header.value) ? header.value : std::string(kHex) + ToHex(header.value);
    text += "\n";
  }
  text += "body\n";
  const std::string hex = ToHex(body);
  for (size_t at = 0; at < hex.size(); at += 64) text += hex.substr(at, 64) + "\n";
  return text;
}

std::optional<GoldenFile> GoldenFile::Parse(const std::string& text) {
  GoldenFile file;
  std::istringstream lines(text);
  std::string line, hex;
  bool in_body = false;
  while (std::getline(lines, line)) {
    if (in_body) {
      hex += line;
    } else if (line == "body") {
      in_body = true;
    } else if (line.rfind("header ", 0) == 0) {
      const size_t space = line.find(' ', 7);
      if (space == std::string::npos) return std::nullopt;
      std::string value = line.substr(space + 1);
      if (value.rfind(kHex, 0) == 0) {
        const auto bytes = FromHex(value.substr(kHex.size()));
        if (!bytes) return std::nullopt;
        value = *bytes;
      }
      file.headers.push_back({line.substr(7, space - 7), std::move(value)});
    } else if (line.empty() || line.front() != '#') {
      return std::nullopt;
    }
  }
  const auto body = FromHex(hex);
  if (!in_body || !body) return std::nullopt;
  file.body = *body;
  return file;
}

}  // namespace crm::golden
