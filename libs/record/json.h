#pragma once

#include <string>
#include <string_view>

#include "libs/record/catalogue.h"
#include "libs/record/result.h"

namespace crm::record {

// Protobuf JSON (lowerCamelCase names, int64 as text, enums by name, times and masks in their
// short forms) of a canonical image; unknown fields are left out. Equal to json_util's.
std::string ToJson(const MessageType& type, std::string_view image);
// The value of one field, a list or map included, from all of its bytes in a canonical image.
std::string FieldJson(const Field& field, std::string_view bytes);

}  // namespace crm::record
