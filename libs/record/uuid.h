#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "libs/record/clock.h"

namespace crm::record {

// A UUID as 16 bytes, most significant first, so that byte order is the order of UUIDv7's times.
struct Uuid {
  std::array<uint8_t, 16> bytes{};

  // 36 characters, lower case.
  std::string Text() const;
  std::string_view Bytes() const {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  // Accepts exactly the 36 character form, in either case.
  static std::optional<Uuid> Parse(std::string_view text);
  static std::optional<Uuid> FromBytes(std::string_view bytes);

  auto operator<=>(const Uuid&) const = default;
};

// RFC 9562, version 7: 48 bits of milliseconds, then random. `sub` (12 bits) orders ids of the same
// millisecond.
Uuid MakeUuidV7(Instant time, uint16_t sub, uint64_t random);

}  // namespace crm::record
