#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// Texts: their encoding, their length, and the characters that they may not have.
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

}  // namespace crm::record
