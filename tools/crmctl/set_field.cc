#include <google/protobuf/util/json_util.h>

#include <charconv>
#include <limits>

#include "crm/record/v1/value.pb.h"
#include "libs/record/text.h"
#include "tools/crmctl/schema.h"
#include "tools/crmctl/text.h"
#include "tools/crmctl/value.h"

namespace crm::ctl {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

ValueError Bad(const FieldDescriptor* field, std::string_view text, std::string_view wanted) {
  return {"BAD_VALUE",
          field->name() + ": \"" + std::string(text) + "\" is no " + std::string(wanted)};
}

ValueError UnknownOption(const FieldDescriptor* field, std::string_view text) {
  std::vector<std::string> names;
  std::string prefix = OptionPrefix(field->enum_type());
  for (int i = 0; i < field->enum_type()->value_count() && names.size() < 20; ++i) {
    const auto* value = field->enum_type()->value(i);
    if (value->number() == 0) continue;
    bool prefixed = value->name().compare(0, prefix.size(), prefix) == 0;
    names.push_back(prefixed ? value->name().substr(prefix.size()) : value->name());
  }
  return {"UNKNOWN_OPTION",
          field->name() + ": \"" + std::string(text) + "\" is none of " + Join(names, ", ")};
}

// Nothing but UTF-8 can be sent, and nothing else is told, as it would break what it is told in.
ValueError CheckText(std::string_view path, std::string_view text) {
  if (!record::IsUtf8(path)) return {"UNKNOWN_FIELD", "\"" + Escaped(path) + "\" is no UTF-8 text"};
  if (record::IsUtf8(text)) return {};
  return {"BAD_VALUE",
          std::string(path) + ": \"" + Escaped(text) + "\" is no UTF-8 text; is it Latin-1?"};
}

ValueError FromJson(Message* message, const FieldDescriptor* field, std::string_view text) {
  std::string json = "{\"" + field->name() + "\":" + std::string(text) + "}";
  std::unique_ptr<Message> whole(message->New());
  auto status = google::protobuf::util::JsonStringToMessage(json, whole.get());
  if (!status.ok()) return Bad(field, text, "JSON of its form: " + std::string(status.message()));
  message->MergeFrom(*whole);
  return {};
}

template <class Number>
ValueError SetNumber(Message* message, const FieldDescriptor* field, std::string_view text,
                     void (google::protobuf::Reflection::*set)(Message*, const FieldDescriptor*,
                                                               Number) const,
                     void (google::protobuf::Reflection::*add)(Message*, const FieldDescriptor*,
                                                               Number) const) {
  std::string_view digits = Trimmed(text);
  if (!digits.empty() && digits[0] == '+') digits.remove_prefix(1);
  Number number{};
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error == std::errc::result_out_of_range) return Bad(field, text, "number of its size");
  if (error != std::errc() || end != digits.data() + digits.size())
    return Bad(field, text, "number");
  (message->GetReflection()->*(field->is_repeated() ? add : set))(message, field, number);
  return {};
}

// Messages that have a short form in text; anything else is JSON.
ValueError SetMessage(Message* message, const FieldDescriptor* field, std::string_view text,
                      std::string_view currency) {
  const auto* reflection = message->GetReflection();
  auto put = [&](const auto& value, std::string_view wanted) -> ValueError {
    if (!value) return Bad(field, text, wanted);
    Message* part = field->is_repeated() ? reflection->AddMessage(message, field)
                                         : reflection->MutableMessage(message, field);
    part->ParseFromString(value->SerializeAsString());
    return {};
  };
  const std::string& type = field->message_type()->full_name();
  if (type == "google.protobuf.Timestamp")
    return put(ParseTime(text), "time, such as 2026-03-31T12:00:00Z");
  if (type == "google.type.Date") return put(ParseDate(text), "date, such as 2026-03-31");
  if (type == "google.type.Money") {
    return put(ParseMoney(text, currency), "amount with its currency, such as 908 USD");
  }
  return FromJson(message, field,
                  field->is_repeated() ? "[" + std::string(text) + "]" : std::string(text));
}

ValueError SetOne(Message* message, const FieldDescriptor* field, std::string_view text,
                  std::string_view currency) {
  using google::protobuf::Reflection;
  const Reflection* reflection = message->GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return SetNumber<int32_t>(message, field, text, &Reflection::SetInt32, &Reflection::AddInt32);
    case FieldDescriptor::CPPTYPE_INT64:
      return SetNumber<int64_t>(message, field, text, &Reflection::SetInt64, &Reflection::AddInt64);
    case FieldDescriptor::CPPTYPE_UINT32:
      return SetNumber<uint32_t>(message, field, text, &Reflection::SetUInt32,
                                 &Reflection::AddUInt32);
    case FieldDescriptor::CPPTYPE_UINT64:
      return SetNumber<uint64_t>(message, field, text, &Reflection::SetUInt64,
                                 &Reflection::AddUInt64);
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return SetNumber<double>(message, field, text, &Reflection::SetDouble,
                               &Reflection::AddDouble);
    case FieldDescriptor::CPPTYPE_FLOAT:
      return SetNumber<float>(message, field, text, &Reflection::SetFloat, &Reflection::AddFloat);
    case FieldDescriptor::CPPTYPE_BOOL: {
      auto flag = ParseFlag(text);
      if (!flag) return Bad(field, text, "yes or no");
      field->is_repeated() ? reflection->AddBool(message, field, *flag)
                           : reflection->SetBool(message, field, *flag);
      return {};
    }
    case FieldDescriptor::CPPTYPE_ENUM: {
      const auto* value = ParseOption(field->enum_type(), text);
      if (!value) return UnknownOption(field, text);
      field->is_repeated() ? reflection->AddEnum(message, field, value)
                           : reflection->SetEnum(message, field, value);
      return {};
    }
    case FieldDescriptor::CPPTYPE_STRING:
      field->is_repeated() ? reflection->AddString(message, field, std::string(text))
                           : reflection->SetString(message, field, std::string(text));
      return {};
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return SetMessage(message, field, text, currency);
  }
  return Bad(field, text, "value");
}

// An organization's own field: text, unless it is written as a Value's JSON.
ValueError SetEntry(Message* message, const FieldDescriptor* field, std::string_view key,
                    std::string_view text) {
  bool json = text[0] == '{';
  const FieldDescriptor* value = field->message_type()->FindFieldByNumber(2);
  bool own = value->message_type() && value->message_type()->full_name() ==
                                          crm::record::v1::Value::descriptor()->full_name();
  Message* entry = message->GetReflection()->AddMessage(message, field);
  const FieldDescriptor* key_field = field->message_type()->FindFieldByNumber(1);
  ValueError error = SetOne(entry, key_field, key, {});
  if (error) return error;
  if (!own) return SetOne(entry, value, text, {});
  if (json) return FromJson(entry, value, text);
  crm::record::v1::Value written;
  written.set_text(std::string(text));
  entry->GetReflection()
      ->MutableMessage(entry, value)
      ->ParseFromString(written.SerializeAsString());
  return {};
}

}  // namespace

const FieldDescriptor* FindField(const Descriptor* type, std::string_view path, ValueError* error) {
  size_t dot = path.find('.');
  const FieldDescriptor* field = type->FindFieldByName(std::string(path.substr(0, dot)));
  if (!field) {
    *error = {"UNKNOWN_FIELD",
              type->name() + " has no field \"" + std::string(path.substr(0, dot)) + "\""};
    return nullptr;
  }
  if (dot == std::string_view::npos || field->is_map()) return field;
  if (field->is_repeated() || !field->message_type()) {
    *error = {"UNKNOWN_FIELD", type->name() + "." + field->name() + " has no fields of its own"};
    return nullptr;
  }
  return FindField(field->message_type(), path.substr(dot + 1), error);
}

ValueError CheckWritable(const Descriptor* record, std::string_view path) {
  ValueError error;
  if (!FindField(record, path, &error)) return error;
  const FieldDescriptor* field =
      record->FindFieldByName(std::string(path.substr(0, path.find('.'))));
  if (!IsReadOnly(field)) return {};
  std::string why = "the server sets it";
  if (field->name() == "state") why = "the type's commands change it, by crmctl call";
  if (field->name() == "etag") why = "update compares it, by --etag";
  if (Behaves(field, google::api::IDENTIFIER)) why = "create makes it of an --id, and it stays";
  return {"READ_ONLY", std::string(path) + " is read only: " + why};
}

ValueError SetField(Message* message, std::string_view path, std::string_view text,
                    std::string_view currency) {
  ValueError error = CheckText(path, text);
  if (error || !FindField(message->GetDescriptor(), path, &error)) return error;
  size_t dot = path.find('.');
  const FieldDescriptor* field =
      message->GetDescriptor()->FindFieldByName(std::string(path.substr(0, dot)));
  if (field->is_map()) {
    if (dot != std::string_view::npos) {
      return text.empty() ? ValueError{} : SetEntry(message, field, path.substr(dot + 1), text);
    }
    return text.empty() ? ValueError{} : FromJson(message, field, text);
  }
  if (dot != std::string_view::npos) {
    if (text.empty()) return {};
    Message* part = message->GetReflection()->MutableMessage(message, field);
    return SetField(part, path.substr(dot + 1), text, currency);
  }
  if (text.empty()) return {};
  if (!field->is_repeated()) return SetOne(message, field, text, currency);
  if (Trimmed(text).substr(0, 1) == "[") return FromJson(message, field, text);
  for (const auto& item : Split(text, ',')) {
    error = SetOne(message, field, Trimmed(item), currency);
    if (error) return error;
  }
  return {};
}

}  // namespace crm::ctl
