#pragma once

#include <string>
#include <string_view>

namespace crm::record {

// The text without regard to capitals, accents, width and spaces: texts that people take for the
// same fold to the same. Unicode's NFKD without marks, case folding, single spaces (UAX #15, #21).
std::string Fold(std::string_view text);

}  // namespace crm::record
