#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "crm/record/v1/options.pb.h"
#include "libs/record/clock.h"

// Texts: their encoding, their length, and the forms that an annotation may ask for.
namespace crm::record {

// UTF-8 as protobuf demands it: no surrogates, nothing overlong, nothing above U+10FFFF.
bool IsUtf8(std::string_view text);
// Of valid UTF-8.
size_t CodePoints(std::string_view text);
// The first character of valid UTF-8 that a text may not have: a control character, but for tabs,
// line feeds and carriage returns in a text of many lines; in one of a single line also what
// separates lines or paragraphs, and what overrides, embeds or isolates a direction of writing,
// because it would change how others are shown beside it.
enum class Lines { kOne, kMany };
std::optional<char32_t> FindForbidden(std::string_view text, Lines lines);
// What a client wrote, to be told back to it: at most `bytes` long, and valid UTF-8.
std::string Quote(std::string_view text, size_t bytes);

// Whether the text has the form; people type telephone numbers as they like, so that one is
// lenient.
bool HasFormat(v1::Format format, std::string_view text);
// For people: `an e-mail address`.
std::string_view FormatName(v1::Format format);

bool IsCurrency(std::string_view text);
// `-12.5`: digits with an optional sign and point, at most 38 digits.
bool IsDecimal(std::string_view text);

// A civil day, in the proleptic Gregorian calendar.
bool IsDay(int64_t year, int64_t month, int64_t day);
int64_t DaysFromCivil(int64_t year, unsigned month, unsigned day);

// RFC 3339, such as `2026-01-01T12:00:00.25+02:00`; sub-microseconds are cut.
std::optional<Instant> ParseTime(std::string_view text);

}  // namespace crm::record
