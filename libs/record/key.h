#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "libs/record/catalogue.h"
#include "libs/record/spans.h"

// Index values as bytes whose order is the order of the values.
//
//   values := value*
//   value  := 0x01                                  the field is not set (a number or flag without
//                                                   explicit presence always is: absent means 0)
//           | 0x02 fixed                            integer, option, flag, time, date, number,
//           money | 0x02 escaped 0x00 0x01                reference, e-mail, currency and other
//           coded text | 0x02 sort-key 0x00 escaped 0x00 0x01  other text: ICU's root collation,
//           then the text
//                                                   itself, so that equal means equal
//   escaped: 0x00 is written as 0x00 0xff
//   fixed: 8 bytes big-endian with the sign bit flipped (money: amount x 10^4 as 16 bytes, no
//   currency)
namespace crm::record {

// The values of `index` in a record's image; with `most`, only the first so many of them.
void AppendIndexValues(const Index& index, const Spans& record, std::string* out,
                       size_t most = SIZE_MAX);

// A value as a filter writes it (`"STATE_OPEN"`, `12`, `true`, `"2026-01-01T00:00:00Z"`, text),
// encoded like the field's; nullopt when it is no value of the field's kind.
std::optional<std::string> EncodeValue(const Field& field, std::string_view text);

// The smallest key that is greater than every key with this prefix; empty if there is none.
std::string PrefixEnd(std::string_view prefix);

}  // namespace crm::record
