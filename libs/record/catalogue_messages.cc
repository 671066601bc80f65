#include <algorithm>

#include "google/api/field_behavior.pb.h"
#include "libs/record/catalogue_tables.h"

namespace crm::record {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;

bool IsProto3(const google::protobuf::FileDescriptor* file) {
  return file->syntax() == google::protobuf::FileDescriptor::SYNTAX_PROTO3;
}

Kind MessageKind(const std::string& full_name) {
  if (full_name == "google.protobuf.Timestamp") return Kind::kTime;
  if (full_name == "google.type.Date") return Kind::kDate;
  if (full_name == "google.type.Money") return Kind::kMoney;
  return Kind::kMessage;
}

Kind KindOf(const FieldDescriptor& field, const v1::Field& annotation) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_INT64:
      return Kind::kInteger;
    case FieldDescriptor::CPPTYPE_UINT32:
    case FieldDescriptor::CPPTYPE_UINT64:
      return Kind::kUnsigned;
    case FieldDescriptor::CPPTYPE_DOUBLE:
    case FieldDescriptor::CPPTYPE_FLOAT:
      return Kind::kNumber;
    case FieldDescriptor::CPPTYPE_BOOL:
      return Kind::kFlag;
    case FieldDescriptor::CPPTYPE_ENUM:
      return Kind::kOption;
    case FieldDescriptor::CPPTYPE_STRING:
      if (field.type() == FieldDescriptor::TYPE_BYTES) return Kind::kBytes;
      return annotation.has_reference() ? Kind::kReference : Kind::kText;
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return MessageKind(field.message_type()->full_name());
  }
  return Kind::kMessage;
}

WireType WireTypeOf(FieldDescriptor::Type type) {
  switch (type) {
    case FieldDescriptor::TYPE_DOUBLE:
    case FieldDescriptor::TYPE_FIXED64:
    case FieldDescriptor::TYPE_SFIXED64:
      return WireType::kFixed64;
    case FieldDescriptor::TYPE_FLOAT:
    case FieldDescriptor::TYPE_FIXED32:
    case FieldDescriptor::TYPE_SFIXED32:
      return WireType::kFixed32;
    case FieldDescriptor::TYPE_STRING:
    case FieldDescriptor::TYPE_BYTES:
    case FieldDescriptor::TYPE_MESSAGE:
      return WireType::kBytes;
    default:
      return WireType::kVarint;
  }
}

void SetBehaviours(const google::protobuf::FieldOptions& options, Field* field) {
  google::protobuf::FieldOptions typed;
  typed.ParseFromString(options.SerializeAsString());
  for (int i = 0; i < typed.ExtensionSize(google::api::field_behavior); ++i) {
    switch (typed.GetExtension(google::api::field_behavior, i)) {
      case google::api::REQUIRED:
        field->required = true;
        break;
      case google::api::OUTPUT_ONLY:
        field->output_only = true;
        break;
      case google::api::IMMUTABLE:
        field->immutable = true;
        break;
      case google::api::IDENTIFIER:
        field->identifier = true;
        break;
      default:
        break;
    }
  }
}

// The message or option set that a field refers to; null is reported where it is missing.
Field MakeField(const FieldDescriptor& from, const CatalogueTables& tables, Problems* problems) {
  Field field;
  field.number = static_cast<uint32_t>(from.number());
  field.name = from.name();
  field.json_name = from.json_name();
  field.annotation = ReadOption(from.options(), v1::field);
  field.kind = KindOf(from, field.annotation);
  field.proto_type = from.type();
  field.wire = WireTypeOf(from.type());
  field.repeated = from.is_repeated();
  field.map = from.is_map();
  field.optional = !field.repeated && from.has_presence();
  if (from.real_containing_oneof()) field.oneof = from.real_containing_oneof()->index();
  SetBehaviours(from.options(), &field);
  if (const Descriptor* message = from.message_type()) {
    field.message = tables.FindMessage(message->full_name());
    if (!field.message) problems->push_back(from.full_name() + ": is of a message of proto2");
  }
  if (const EnumDescriptor* option_set = from.enum_type()) {
    auto at = tables.option_sets.find(option_set->full_name());
    if (at != tables.option_sets.end()) field.options = at->second.get();
    if (!field.options) problems->push_back(from.full_name() + ": is of an enum of proto2");
  }
  return field;
}

void AddOptionSet(const EnumDescriptor& from, CatalogueTables* tables, Problems* problems) {
  auto set = std::make_unique<OptionSet>();
  set->name = from.name();
  for (int i = 0; i < from.value_count(); ++i) {
    const auto& value = *from.value(i);
    set->values.push_back({value.number(), value.name(), ReadOption(value.options(), v1::option)});
    const v1::Option& option = set->values.back().option;
    if (option.default_() && option.of_state() == 0) {
      if (set->default_number)
        problems->push_back(from.full_name() + ": two values are the default");
      set->default_number = value.number();
    }
    if (HasOption(value.options(), v1::refusal)) {
      v1::Refusal refusal = ReadOption(value.options(), v1::refusal);
      auto [at, added] = tables->refusals.emplace(value.name(), refusal);
      if (!added) problems->push_back(value.full_name() + ": the reason exists twice");
      if (refusal.code() < 1 || refusal.code() > 16 || refusal.text().empty()) {
        problems->push_back(value.full_name() + ": a refusal needs a gRPC code and a text");
      }
    }
  }
  std::stable_sort(set->values.begin(), set->values.end(),
                   [](const OptionValue& a, const OptionValue& b) { return a.number < b.number; });
  tables->option_sets.emplace(from.full_name(), std::move(set));
}

void AddMessage(const Descriptor& from, CatalogueTables* tables, Problems* problems) {
  auto message = std::make_unique<MessageType>();
  message->full_name = from.full_name();
  message->record = HasOption(from.options(), v1::record);
  message->oneofs = from.real_oneof_decl_count() > 0;
  message->tables = tables;
  tables->messages.emplace(from.full_name(), std::move(message));
  for (int i = 0; i < from.nested_type_count(); ++i)
    AddMessage(*from.nested_type(i), tables, problems);
  for (int i = 0; i < from.enum_type_count(); ++i)
    AddOptionSet(*from.enum_type(i), tables, problems);
}

}  // namespace

void BuildMessages(CatalogueTables* tables, Problems* problems) {
  for (const auto* file : tables->files) {
    if (!IsProto3(file)) continue;
    for (int i = 0; i < file->message_type_count(); ++i)
      AddMessage(*file->message_type(i), tables, problems);
    for (int i = 0; i < file->enum_type_count(); ++i)
      AddOptionSet(*file->enum_type(i), tables, problems);
  }
  for (auto& [full_name, message] : tables->messages) {
    const Descriptor* from = tables->pool->FindMessageTypeByName(full_name);
    for (int i = 0; i < from->field_count(); ++i) {
      Field field = MakeField(*from->field(i), *tables, problems);
      field.standard = message->record && field.number <= kCustom;
      message->fields.push_back(std::move(field));
    }
    std::sort(message->fields.begin(), message->fields.end(),
              [](const Field& a, const Field& b) { return a.number < b.number; });
  }
}

}  // namespace crm::record
