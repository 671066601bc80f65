#pragma once

#include <optional>
#include <string>
#include <vector>

#include "libs/log/record.h"

// One message of the log as text, for tests/golden:
//
//   file   := comment* header* "body" line*
//   header := "header " name " " value        value := text | "hex:" digits, where it is not ASCII
//   line   := up to 64 hex digits of the body (libs/log/record.h)
namespace crm::golden {

struct GoldenFile {
  std::vector<log::Header> headers;
  std::string body;

  std::string Text() const;
  static std::optional<GoldenFile> Parse(const std::string& text);
};

}  // namespace crm::golden
