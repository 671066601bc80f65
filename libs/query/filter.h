#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "libs/record/catalogue.h"
#include "libs/record/status.h"

namespace crm::query {

enum class Comparison { kEqual, kLess, kLessOrEqual, kGreater, kGreaterOrEqual };

// `field op value`, with the value encoded as the field's index key.
struct Term {
  record::FieldPath path;
  std::string name;  // the path as it was written
  Comparison comparison = Comparison::kEqual;
  std::string value;
};

// The part of AIP-160 that indexes answer:
//   filter := [ term { "AND" term } ]
//   term   := path ( "=" | "<" | "<=" | ">" | ">=" ) value
//   value  := quoted text | letters, digits and . - : + _ /
// At most 16 terms and 4,096 bytes. Faults become violations of `filter`.
std::vector<Term> ParseFilter(const record::RecordType& type, std::string_view filter,
                              std::vector<record::Violation>* violations);

struct OrderField {
  record::FieldPath path;
  std::string name;
  bool descending = false;
};

// `path [ "asc" | "desc" ] { "," … }`
std::vector<OrderField> ParseOrder(const record::RecordType& type, std::string_view order,
                                   std::vector<record::Violation>* violations);

}  // namespace crm::query
