#pragma once

#include <string_view>

#include "crm/record/v1/options.pb.h"

// The forms that an annotation may ask of a text.
namespace crm::record {

// Whether the text has the form; people type telephone numbers as they like, so that one is
// lenient.
bool HasFormat(v1::Format format, std::string_view text);
// For people: `an e-mail address`.
std::string_view FormatName(v1::Format format);

bool IsCurrency(std::string_view text);
// `-12.5`: digits with an optional sign and point, at most 38 digits.
bool IsDecimal(std::string_view text);

}  // namespace crm::record
