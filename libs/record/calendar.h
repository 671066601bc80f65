#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "libs/record/clock.h"

// Days and times as people write them.
namespace crm::record {

// A civil day, in the proleptic Gregorian calendar.
bool IsDay(int64_t year, int64_t month, int64_t day);
int64_t DaysFromCivil(int64_t year, unsigned month, unsigned day);

// RFC 3339, such as `2026-01-01T12:00:00.25+02:00`; sub-microseconds are cut.
std::optional<Instant> ParseTime(std::string_view text);

}  // namespace crm::record
