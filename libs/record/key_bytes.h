#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "libs/record/money.h"

// The bytes of key.h's grammar, for one value; for this library only.
namespace crm::record {

void AppendFixed(int64_t value, std::string* out);
void AppendUnsigned(uint64_t value, std::string* out);
void AppendDouble(double value, std::string* out);
void AppendWide(Wide value, std::string* out);
void AppendEscaped(std::string_view text, std::string* out);
// With the zero byte that ends it; there is no other in it.
void AppendSortKey(std::string_view text, std::string* out);

}  // namespace crm::record
