#include "tools/crmctl/record_input.h"

#include <google/protobuf/field_mask.pb.h>

#include "tools/crmctl/failure.h"
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
    Set(record, paths.back(), assignment.substr(sign + 1), currency);
  }
  return paths;
}

void CheckedSet(Message* message, const std::string& path, const std::string& text) {
  Set(message, path, text, {});
}

std::vector<std::string> SetPaths(const Message& message) {
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  std::vector<std::string> paths;
  for (const auto* field : fields) paths.push_back(field->name());
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
