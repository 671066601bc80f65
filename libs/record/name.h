#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "libs/record/uuid.h"

namespace crm::record {

// A resource name relative to the tenant: `leads/0192…`.
struct Name {
  std::string_view collection;  // points into the parsed text
  Uuid id;

  std::string Text() const;
  // nullopt unless it is one collection, a slash and a UUID in lower case.
  static std::optional<Name> Parse(std::string_view text);
};

// `[a-z][a-z0-9-]{0,62}`
bool IsTenantId(std::string_view text);

}  // namespace crm::record
