#pragma once

#include <google/protobuf/message.h>

#include <string>
#include <string_view>
#include <vector>

#include "crm/record/v1/value.pb.h"
#include "tools/crmctl/schema.h"
#include "tools/crmctl/table.h"

// How records look to people, and as JSON to programs.
namespace crm::ctl {

// A field's value at a path, on one line; empty: it is not set.
std::string Display(const Message& message, std::string_view path);
std::string DisplayValue(const crm::record::v1::Value& value);
std::string DisplayTime(const google::protobuf::Timestamp& time);

// Field paths that a list shows unless told otherwise: the name, the title, then fields that the
// type can be listed by, and the time of creation.
std::vector<std::string> ListColumns(const RecordType& type);

// One row for each record.
Table TableOf(const std::vector<std::string>& paths, const std::vector<const Message*>& records);
// One row for each field that is set.
Table FieldTable(const Message& record);

// Protobuf JSON; `spaced` over several lines.
std::string ToJson(const Message& message, bool spaced);
// Throws UsageError.
void FromJson(const std::string& json, Message* message);

}  // namespace crm::ctl
