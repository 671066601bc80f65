#include "libs/record/catalogue.h"

#include <unicode/uvernum.h>

#include <algorithm>

#include "libs/record/catalogue_tables.h"
#include "libs/record/sha256.h"

namespace crm::record {
namespace {

// To be raised when the bytes of index keys change for the same declarations.
constexpr char kKeyGrammar[] = "keys 1";

std::string Fingerprint(const CatalogueTables& tables) {
  std::string facts = std::string(kKeyGrammar) + "\nicu " U_ICU_VERSION "\n";
  for (const auto& [number, type] : tables.types) {
    facts += std::to_string(number) + ' ' + type->message->full_name + '\n';
    for (const std::string& field : type->annotation.wake()) facts += " wake " + field + '\n';
    for (const Index& index : type->indexes) {
      facts += ' ' + std::to_string(index.number) + ' ' + index.name;
      facts += index.unique ? " unique" : "";
      facts += index.past ? " past" : "";
      facts += index.sparse ? " sparse" : "";
      for (const FieldPath& path : index.by) {
        facts += ' ';
        for (const Field* field : path) facts += std::to_string(field->number) + '.';
        facts += std::to_string(static_cast<int>(path.back()->kind)) + '.';
        facts += std::to_string(path.back()->annotation.format());
      }
      facts += '\n';
    }
  }
  return Sha256::HexOf(facts).substr(0, 32);
}

bool LoadFiles(const google::protobuf::FileDescriptorSet& set, CatalogueTables* tables,
               Problems* problems) {
  for (const auto& file : set.file()) {
    if (!tables->database.Add(file)) problems->push_back(file.name() + ": given twice");
  }
  tables->pool =
      std::make_unique<google::protobuf::DescriptorPool>(&tables->database, &tables->errors);
  tables->errors.problems = problems;
  for (const auto& file : set.file()) {
    const auto* descriptor = tables->pool->FindFileByName(file.name());
    if (descriptor) {
      tables->files.push_back(descriptor);
    } else {
      problems->push_back(file.name() + ": does not build");
    }
  }
  tables->errors.problems = nullptr;
  return problems->empty();
}

Error Failed(const Problems& problems) {
  std::string text;
  for (const std::string& problem : problems) text += (text.empty() ? "" : "\n") + problem;
  return Error{text, false};
}

}  // namespace

const OptionValue* OptionSet::Find(int number) const {
  // Numbers mostly follow one another, so the place is nearly always where it is looked for first.
  auto at =
      std::lower_bound(values.begin(), values.end(), number,
                       [](const OptionValue& value, int wanted) { return value.number < wanted; });
  return at != values.end() && at->number == number ? &*at : nullptr;
}

const OptionValue* OptionSet::Find(std::string_view wanted) const {
  auto at = std::find_if(values.begin(), values.end(),
                         [&](const OptionValue& value) { return value.name == wanted; });
  return at != values.end() ? &*at : nullptr;
}

const Field* MessageType::Find(uint32_t number) const {
  auto at =
      std::lower_bound(fields.begin(), fields.end(), number,
                       [](const Field& field, uint32_t wanted) { return field.number < wanted; });
  return at != fields.end() && at->number == number ? &*at : nullptr;
}

const Field* MessageType::Find(std::string_view wanted) const {
  auto at = std::find_if(fields.begin(), fields.end(),
                         [&](const Field& field) { return field.name == wanted; });
  return at != fields.end() ? &*at : nullptr;
}

FieldPath FindPath(const MessageType& type, std::string_view path) {
  FieldPath found;
  const MessageType* message = &type;
  while (message) {
    size_t dot = path.find('.');
    const Field* field = message->Find(path.substr(0, dot));
    if (!field) return {};
    found.push_back(field);
    if (dot == std::string_view::npos) return found;
    path.remove_prefix(dot + 1);
    message = field->kind == Kind::kMessage && !field->repeated ? field->message : nullptr;
  }
  return {};
}

const Index* RecordType::FindIndex(std::string_view name) const {
  auto at = std::find_if(indexes.begin(), indexes.end(),
                         [&](const Index& index) { return index.name == name; });
  return at != indexes.end() ? &*at : nullptr;
}

std::string RecordType::EventType(std::string_view what) const {
  return package + '.' + singular + '.' + std::string(what);
}

int RecordType::DefaultStatus(int state) const {
  const Field* status = message->Find(kStatus);
  if (!status || !status->options) return 0;
  for (const OptionValue& value : status->options->values) {
    if (value.option.default_() && value.option.of_state() == state) return value.number;
  }
  return 0;
}

bool RecordType::EditableIn(int state) const {
  if (annotation.editable_in().empty()) return true;
  const Field* field = message->Find(kState);
  const OptionValue* value = field && field->options ? field->options->Find(state) : nullptr;
  const auto& names = annotation.editable_in();
  return value && std::find(names.begin(), names.end(), value->name) != names.end();
}

bool RecordType::HostedBy(std::string_view service) const {
  return std::find(services.begin(), services.end(), service) != services.end();
}

Catalogue::Catalogue(std::unique_ptr<CatalogueTables> tables) : tables_(std::move(tables)) {}
Catalogue::~Catalogue() = default;

Result<std::unique_ptr<Catalogue>> Catalogue::Build(
    const google::protobuf::FileDescriptorSet& files, const std::vector<std::string>& root_events) {
  auto tables = std::make_unique<CatalogueTables>();
  Problems problems;
  if (!LoadFiles(files, tables.get(), &problems)) return Failed(problems);
  BuildMessages(tables.get(), &problems);
  if (!problems.empty()) return Failed(problems);
  BuildTypes(root_events, tables.get(), &problems);
  if (!problems.empty()) return Failed(problems);
  GroupFields(tables.get());
  FollowIndexes(tables.get());
  BuildComputed(tables.get(), &problems);
  BuildMethods(tables.get(), &problems);
  for (const auto& [number, type] : tables->types) CheckType(*type, *tables, &problems);
  if (!problems.empty()) return Failed(problems);
  tables->descriptors = files.SerializeAsString();
  tables->descriptors_sha256 = Sha256::HexOf(tables->descriptors);
  tables->fingerprint = Fingerprint(*tables);
  return std::unique_ptr<Catalogue>(new Catalogue(std::move(tables)));
}

const MessageType* CatalogueTables::FindMessage(std::string_view full_name) const {
  auto at = messages.find(full_name);
  return at != messages.end() ? at->second.get() : nullptr;
}

const RecordType* Catalogue::FindType(std::string_view collection) const {
  auto at = tables_->by_collection.find(collection);
  return at != tables_->by_collection.end() ? at->second : nullptr;
}

const RecordType* Catalogue::FindTypeByNumber(uint16_t number) const {
  auto at = tables_->types.find(number);
  return at != tables_->types.end() ? at->second.get() : nullptr;
}

const RecordType* Catalogue::FindTypeByMessage(std::string_view full_name) const {
  auto at = tables_->by_message.find(full_name);
  return at != tables_->by_message.end() ? at->second : nullptr;
}

const Method* Catalogue::FindMethod(std::string_view path) const {
  auto at = tables_->by_path.find(path);
  return at != tables_->by_path.end() ? at->second : nullptr;
}

const MessageType* Catalogue::FindMessage(std::string_view full_name) const {
  return tables_->FindMessage(full_name);
}

const v1::Refusal* Catalogue::FindRefusal(std::string_view reason) const {
  auto at = tables_->refusals.find(reason);
  return at != tables_->refusals.end() ? &at->second : nullptr;
}

std::vector<const RecordType*> Catalogue::Types() const {
  std::vector<const RecordType*> types;
  for (const auto& [number, type] : tables_->types) types.push_back(type.get());
  return types;
}

std::vector<const Method*> Catalogue::Methods() const {
  std::vector<const Method*> methods;
  for (const auto& [path, method] : tables_->methods) methods.push_back(method.get());
  return methods;
}

const google::protobuf::DescriptorPool& Catalogue::pool() const { return *tables_->pool; }
const std::string& Catalogue::descriptors() const { return tables_->descriptors; }
const std::string& Catalogue::descriptors_sha256() const { return tables_->descriptors_sha256; }
const std::string& Catalogue::fingerprint() const { return tables_->fingerprint; }

}  // namespace crm::record
