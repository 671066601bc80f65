#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "libs/log/record.h"

// Header values that are no texts of their own, and back; what is read must be just what would be
// written.
//
//   time  := RFC 3339, UTC, six decimals      claim := decimal number "." 16 hex digits of the id
//   uuid  := 36 characters, lower case        commit := index "/" count
namespace crm::log {

std::string TimeHeader(int64_t micros);
bool ReadTimeHeader(std::string_view text, int64_t* micros);

std::string UuidHeader(const std::string& bytes);
bool ReadUuidHeader(std::string_view text, std::string* bytes);

std::string ClaimHeader(const Envelope& envelope);
bool ReadClaimHeader(std::string_view text, Envelope* envelope);

bool ReadSeqHeader(std::string_view text, Envelope* envelope);
bool ReadCommitHeader(std::string_view text, Envelope* envelope);

}  // namespace crm::log
