#include "tools/crmctl/schema.h"

#include "google/rpc/code.pb.h"
#include "tools/crmctl/failure.h"
#include "tools/crmctl/text.h"

namespace crm::ctl {
namespace {

bool EndsAtBoundary(std::string_view path, std::string_view ending) {
  if (path.size() < ending.size() || path.substr(path.size() - ending.size()) != ending)
    return false;
  if (path.size() == ending.size()) return true;
  char before = path[path.size() - ending.size() - 1];
  return before == '/' || before == '.';
}

// The standard method whose name is verb, the type's name and at most a plural ending.
bool IsNamed(std::string_view method, std::string_view verb, std::string_view type) {
  return method == std::string(verb) + std::string(type);
}

bool HasRecord(const Descriptor* message, const Descriptor* record) {
  return RecordField(message, record) != nullptr;
}

}  // namespace

const MethodDescriptor& RecordType::Method(std::string_view verb) const {
  for (int i = 0; i < service->method_count(); ++i) {
    const MethodDescriptor* method = service->method(i);
    if (IsNamed(method->name(), verb, message->name())) return *method;
  }
  // Methods over several records have the plural in their names, which no rule forms: the record in
  // their answer tells them from others that begin alike.
  for (int i = 0; i < service->method_count(); ++i) {
    const MethodDescriptor* method = service->method(i);
    if (method->name().substr(0, verb.size()) == verb &&
        HasRecord(method->output_type(), message)) {
      return *method;
    }
  }
  Status status;
  status.set_code(google::rpc::UNIMPLEMENTED);
  status.set_message(service->full_name() + " has no method " + std::string(verb));
  throw Failure(status);
}

const FieldDescriptor* RecordType::Title() const {
  return message->FindFieldByName(options.title());
}

Schema::Schema(const std::map<std::string, google::protobuf::FileDescriptorProto>& files,
               const std::vector<std::string>& services)
    : pool_(&database_), factory_(&pool_) {
  for (const auto& [name, file] : files) database_.Add(file);
  for (const auto& name : services) {
    const auto* service = pool_.FindServiceByName(name);
    if (service) AddService(service);
  }
}

void Schema::AddService(const google::protobuf::ServiceDescriptor* service) {
  services_.push_back(service);
  const std::string& serves = service->options().GetExtension(crm::record::v1::serves);
  if (serves.empty()) return;
  const Descriptor* message = service->file()->FindMessageTypeByName(serves);
  if (!message) message = pool_.FindMessageTypeByName(service->file()->package() + "." + serves);
  if (!message) return;
  RecordType type;
  type.options = message->options().GetExtension(crm::record::v1::record);
  type.collection = type.options.collection();
  type.message = message;
  type.service = service;
  if (!type.collection.empty()) types_.emplace(type.collection, type);
}

const RecordType& Schema::TypeOf(std::string_view collection) const {
  auto found = types_.find(std::string(collection));
  if (found != types_.end()) return found->second;
  std::vector<std::string> known;
  for (const auto& [name, type] : types_) known.push_back(name);
  throw UsageError("the server has no record type \"" + std::string(collection) +
                   "\"; it has: " + Join(known, ", "));
}

const RecordType& Schema::TypeOfName(std::string_view name) const {
  size_t slash = name.find('/');
  if (slash == std::string_view::npos || slash + 1 == name.size()) {
    throw UsageError("\"" + std::string(name) + "\" is no record's name, such as leads/0192…");
  }
  return TypeOf(name.substr(0, slash));
}

const MethodDescriptor& Schema::FindMethod(std::string_view text) const {
  if (!text.empty() && text[0] == '/') text.remove_prefix(1);
  std::vector<const MethodDescriptor*> found;
  std::vector<std::string> paths;
  for (const auto* service : services_) {
    for (int i = 0; i < service->method_count(); ++i) {
      std::string path = PathOf(*service->method(i)).substr(1);
      if (!EndsAtBoundary(path, text)) continue;
      if (path == text) return *service->method(i);
      found.push_back(service->method(i));
      paths.push_back(path);
    }
  }
  if (found.size() == 1) return *found[0];
  if (found.empty()) throw UsageError("the server has no method \"" + std::string(text) + "\"");
  throw UsageError("\"" + std::string(text) + "\" may be: " + Join(paths, ", "));
}

std::unique_ptr<Message> Schema::New(const Descriptor* type) const {
  return std::unique_ptr<Message>(factory_.GetPrototype(type)->New());
}

std::string PathOf(const MethodDescriptor& method) {
  return "/" + method.service()->full_name() + "/" + method.name();
}

bool Behaves(const FieldDescriptor* field, google::api::FieldBehavior behavior) {
  for (int i = 0; i < field->options().ExtensionSize(google::api::field_behavior); ++i) {
    if (field->options().GetExtension(google::api::field_behavior, i) == behavior) return true;
  }
  return false;
}

bool IsReadOnly(const FieldDescriptor* field) {
  return Behaves(field, google::api::OUTPUT_ONLY) || Behaves(field, google::api::IDENTIFIER);
}

const FieldDescriptor* RecordField(const Descriptor* message, const Descriptor* record) {
  for (int i = 0; i < message->field_count(); ++i) {
    if (message->field(i)->message_type() == record) return message->field(i);
  }
  return nullptr;
}

}  // namespace crm::ctl
