#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tools/crmctl/schema.h"

// From what was typed to a record. All of these throw UsageError.
namespace crm::ctl {

// Sets fields from `field=value`, none of them read only; gives their paths.
std::vector<std::string> Assign(Message* record, const std::vector<std::string>& assignments,
                                const std::string& currency);

void CheckedSet(Message* message, const std::string& path, const std::string& text);

// Sets fields from JSON, such as that of a record that was read. What is read only is left out, and
// standard error says so; only an etag stays, which says what was read.
void ReadRecord(const std::string& json, Message* record);

// The names of the fields that are set and can be written.
std::vector<std::string> SetPaths(const Message& message);

// Sets a FieldMask.
void SetMask(Message* message, const std::string& field, const std::vector<std::string>& paths);

}  // namespace crm::ctl
