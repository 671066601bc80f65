#include "tools/crmctl/record_input.h"

#include <google/protobuf/field_mask.pb.h>

#include <iostream>

#include "tools/crmctl/display.h"
#include "tools/crmctl/failure.h"
#include "tools/crmctl/text.h"
#include "tools/crmctl/value.h"

namespace crm::ctl {
namespace {

void Set(Message* message, const std::string& path, const std::string& text,
         const std::string& currency) {
  ValueError error = SetField(message, path, text, currency);
  if (error) throw UsageError(error.text);
}

}  // namespace

std::vector<std::string> Assign(Message* record, const std::vector<std::string>& assignments,
                                const std::string& currency) {
  std::vector<std::string> paths;
  for (const auto& assignment : assignments) {
    size_t sign = assignment.find('=');
    if (sign == 0 || sign == std::string::npos) {
      throw UsageError("\"" + assignment + "\" is not field=value");
    }
    paths.push_back(assignment.substr(0, sign));
    if (ValueError error = CheckWritable(record->GetDescriptor(), paths.back()))
      throw UsageError(error.text);
    Set(record, paths.back(), assignment.substr(sign + 1), currency);
  }
  return paths;
}

void CheckedSet(Message* message, const std::string& path, const std::string& text) {
  Set(message, path, text, {});
}

void ReadRecord(const std::string& json, Message* record) {
  FromJson(json, record);
  std::vector<std::string> left_out;
  std::vector<const FieldDescriptor*> fields;
  record->GetReflection()->ListFields(*record, &fields);
  for (const auto* field : fields) {
    // A record that was read before has a name and an etag, which say what it is.
    if (!IsReadOnly(field) || field->name() == "etag") continue;
    record->GetReflection()->ClearField(record, field);
    if (!Behaves(field, google::api::IDENTIFIER)) left_out.push_back(field->name());
  }
  if (!left_out.empty())
    std::cerr << "crmctl: left out, as it is read only: " << Join(left_out, ", ") << '\n';
}

std::vector<std::string> SetPaths(const Message& message) {
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  std::vector<std::string> paths;
  for (const auto* field : fields) {
    if (!IsReadOnly(field)) paths.push_back(field->name());
  }
  return paths;
}

void SetMask(Message* message, const std::string& field, const std::vector<std::string>& paths) {
  const FieldDescriptor* mask_field = message->GetDescriptor()->FindFieldByName(field);
  if (!mask_field || !mask_field->message_type() || mask_field->is_repeated()) {
    throw UsageError(message->GetDescriptor()->name() + " has no " + field);
  }
  google::protobuf::FieldMask mask;
  for (const auto& path : paths) mask.add_paths(path);
  Message* set = message->GetReflection()->MutableMessage(message, mask_field);
  set->ParseFromString(mask.SerializeAsString());
}

}  // namespace crm::ctl
