#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace crm::query {

// How far somebody has read, as clients carry it: opaque text. It names its log, so that a position
// of another log is refused and never misunderstood.
struct Position {
  std::string service;
  int partition = 0;
  uint64_t log_id = 0;
  int64_t offset = -1;  // of the last message that is included

  std::string Encode() const;
  // "0" is the beginning of any log. nullopt for anything that Encode did not write.
  static std::optional<Position> Decode(std::string_view text);
  bool operator==(const Position&) const = default;
};

// Base64 with `-` and `_`, unpadded.
std::string ToBase64Url(std::string_view bytes);
std::optional<std::string> FromBase64Url(std::string_view text);

}  // namespace crm::query
