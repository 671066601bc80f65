#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "crm/record/v1/methods.pb.h"
#include "libs/record/catalogue.h"

namespace crm::record {

// Paths of fields that differ between two canonical images, in field order: top level, and one
// level below for messages and (by key) for maps; `name`, `etag`, `update_time` and `update_user`,
// which every event changes, are left out.
std::vector<std::string> ChangedPaths(const MessageType& type, std::string_view before,
                                      std::string_view after);

// The same with the values on both sides. An empty image stands for no record.
std::vector<v1::FieldChange> FieldChanges(const MessageType& type, std::string_view before,
                                          std::string_view after);

}  // namespace crm::record
