#include <optional>

#include "libs/record/catalogue_tables.h"

namespace crm::record {
namespace {

using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;

// Services here are about all record types; their methods have no type.
constexpr char kSharedPackage[] = "crm.record.v1";
constexpr char kGenericService[] = "crm.record.v1.Records";

std::optional<MethodKind> StandardKind(const std::string& name, const std::string& one,
                                       const std::string& many) {
  const std::pair<std::string, MethodKind> kinds[] = {
      {"Create" + one, MethodKind::kCreate},
      {"Get" + one, MethodKind::kGet},
      {"List" + many, MethodKind::kList},
      {"Update" + one, MethodKind::kUpdate},
      {"Delete" + one, MethodKind::kDelete},
      {"PreviewDelete" + one, MethodKind::kPreviewDelete},
      {"Undelete" + one, MethodKind::kUndelete},
      {"BatchGet" + many, MethodKind::kBatchGet},
      {"BatchCreate" + many, MethodKind::kBatchCreate},
      {"BatchUpdate" + many, MethodKind::kBatchUpdate},
      {"List" + one + "History", MethodKind::kHistory},
      {"Watch" + many, MethodKind::kWatch},
  };
  for (const auto& [standard, kind] : kinds) {
    if (name == standard) return kind;
  }
  return std::nullopt;
}

// The states that a command leads from and to; a status that it sets is of the latter.
void ReadStates(Method* method, Problems* problems) {
  const v1::Transition& way = method->command.transition();
  const std::string& to = method->command.has_transition() ? way.to() : method->command.to();
  if (to.empty() && !method->command.has_transition()) return;
  const auto options_of = [&](uint32_t number) -> const OptionSet* {
    const Field* field = method->type ? method->type->message->Find(number) : nullptr;
    return field ? field->options : nullptr;
  };
  const OptionSet* states = options_of(kState);
  const OptionSet* statuses = options_of(kStatus);
  const auto expect = [&](bool holds, std::string_view name, std::string_view rule) {
    if (!holds) problems->push_back(method->path + ": " + std::string(name) + std::string(rule));
  };
  method->leads_to = states ? states->Find(to) : nullptr;
  expect(method->leads_to != nullptr, to, " is no state to lead to");
  for (const std::string& from : way.from())
    expect(states && states->Find(from), from, " is no state to lead from");
  if (way.status().empty() || method->leads_to == nullptr) return;
  const OptionValue* status = statuses ? statuses->Find(way.status()) : nullptr;
  expect(status && status->option.of_state() == method->leads_to->number, way.status(),
         " is no status of " + to);
}

void AddMethod(const MethodDescriptor& from, const RecordType* type, const std::string& one,
               CatalogueTables* tables, Problems* problems) {
  auto method = std::make_unique<Method>();
  method->service = from.service()->full_name();
  method->name = from.name();
  method->path = "/" + method->service + "/" + method->name;
  method->type = type;
  method->request = tables->FindMessage(from.input_type()->full_name());
  method->response = tables->FindMessage(from.output_type()->full_name());
  method->streams = from.server_streaming();
  method->command = ReadOption(from.options(), v1::command);
  bool command = HasOption(from.options(), v1::command);
  auto kind = StandardKind(method->name, one, from.service()->name());
  if (!type && !kind) command = true;
  if (kind.has_value() == command) {
    problems->push_back(from.full_name() + ": is neither a standard method nor a command, or both");
    return;
  }
  method->kind = command ? MethodKind::kCommand : *kind;
  if (!method->request || !method->response) {
    problems->push_back(from.full_name() + ": a method takes and gives messages of proto3");
  }
  if (method->streams != (method->kind == MethodKind::kWatch) || from.client_streaming()) {
    problems->push_back(from.full_name() + ": watching, and nothing else, answers with a stream");
  }
  ReadStates(method.get(), problems);
  tables->by_path[method->path] = method.get();
  std::string path = method->path;
  tables->methods.emplace(std::move(path), std::move(method));
}

void AddService(const ServiceDescriptor& service, CatalogueTables* tables, Problems* problems) {
  std::string one = ReadOption(service.options(), v1::serves);
  const RecordType* type = nullptr;
  if (service.full_name() == kGenericService) {
    one = "Record";
  } else if (service.file()->package() != kSharedPackage) {
    if (one.empty()) return;
    auto at = tables->by_message.find(service.file()->package() + "." + one);
    // A record type of a service that this catalogue leaves out.
    if (at == tables->by_message.end()) return;
    type = at->second;
  }
  for (int i = 0; i < service.method_count(); ++i) {
    AddMethod(*service.method(i), type, one, tables, problems);
  }
}

// A batch's items are requests of a method of its own service.
void CheckBatches(const CatalogueTables& tables, Problems* problems) {
  for (const auto& [path, method] : tables.methods) {
    if (method->command.batch_of().empty()) continue;
    auto one = tables.by_path.find("/" + method->service + "/" + method->command.batch_of());
    const Field* requests = method->request->Find("requests");
    if (one == tables.by_path.end() || requests == nullptr || requests->number != 1 ||
        requests->message != one->second->request) {
      problems->push_back(path + ": requests = 1 are not requests of " +
                          method->command.batch_of());
    }
  }
}

}  // namespace

void BuildMethods(CatalogueTables* tables, Problems* problems) {
  for (const auto* file : tables->files) {
    for (int i = 0; i < file->service_count(); ++i) AddService(*file->service(i), tables, problems);
  }
  CheckBatches(*tables, problems);
}

}  // namespace crm::record
