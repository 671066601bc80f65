#pragma once

#include <string_view>
#include <vector>

#include "libs/record/catalogue.h"
#include "libs/record/status.h"

namespace crm::record {

// All that is wrong with a canonical image that a client sent, by the annotations of its type and
// of nested messages: unknown fields and options, required fields, lengths in code points, ranges,
// formats, money (nanos a multiple of 100,000, sign, one currency a record), dates, times
// (0001 to 9999), forms of references, custom values. Paths begin with `prefix` (`lead.`).
// Output-only fields are not looked at: callers drop them before.
std::vector<Violation> Validate(const MessageType& type, std::string_view image,
                                std::string_view prefix);

// The same without the required fields: for a request's part that only names what changes.
std::vector<Violation> ValidatePart(const MessageType& type, std::string_view image,
                                    std::string_view prefix);

// A canonical request message without record fields: unknown fields, required fields, limits.
std::vector<Violation> ValidateRequest(const MessageType& type, std::string_view image);

}  // namespace crm::record
