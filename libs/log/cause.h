#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace crm::log {

// What a reactor reacts to: an event's place, in headers and position records `sales/3@1234`.
struct Cause {
  std::string service;
  int partition = 0;
  int64_t offset = -1;

  std::string Text() const;
  static std::optional<Cause> Parse(std::string_view text);
  bool operator==(const Cause&) const = default;
};

}  // namespace crm::log
