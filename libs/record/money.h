#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace crm::record {

// What amounts are counted in: units times parts times a rate's digits is more than 64 bits.
__extension__ typedef __int128 Wide;

// A google.type.Money, counted in ten-thousandths of its unit: amounts have four decimals.
struct Money {
  static constexpr int64_t kParts = 10'000;         // of a unit
  static constexpr int32_t kNanosOfPart = 100'000;  // nanos are a multiple of it

  std::string_view currency;  // of what was read: points into it
  Wide parts = 0;

  // Of the message's bytes; what is malformed counts as absent.
  static Money Read(std::string_view bytes);
  int64_t units() const { return static_cast<int64_t>(parts / kParts); }
  // Canonical.
  std::string Bytes() const;
};

// Half away from zero. `divisor` is above 0.
Wide DivideRounded(Wide dividend, Wide divisor);

}  // namespace crm::record
