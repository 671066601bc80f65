#include "tools/crmctl/display.h"

#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/time_util.h>

#include <algorithm>

#include "google/rpc/code.pb.h"
#include "tools/crmctl/any_types.h"
#include "tools/crmctl/failure.h"
#include "tools/crmctl/text.h"
#include "tools/crmctl/value.h"

namespace crm::ctl {
namespace {

constexpr size_t kListColumns = 6;
constexpr size_t kShownBefore = 40;  // bytes before one that can't be read

std::string DisplayMoney(const google::type::Money& money) {
  bool negative = money.units() < 0 || money.nanos() < 0;
  std::string nanos = std::to_string(std::abs(money.nanos()));
  std::string decimals = std::string(9 - nanos.size(), '0') + nanos;
  decimals.erase(std::max<size_t>(decimals.find_last_not_of('0') + 1, 2));
  std::string text = negative ? "-" : "";
  text +=
      std::to_string(money.units() < 0 ? 0 - static_cast<uint64_t>(money.units()) : money.units());
  if (money.nanos() != 0) text += "." + decimals;
  return text + " " + money.currency_code();
}

std::string DisplayDate(const google::type::Date& date) {
  char text[40];
  snprintf(text, sizeof text, "%04d-%02d-%02d", date.year(), date.month(), date.day());
  return text;
}

std::string DisplayOption(const google::protobuf::EnumValueDescriptor* value) {
  std::string prefix = OptionPrefix(value->type());
  if (value->name().compare(0, prefix.size(), prefix) == 0)
    return value->name().substr(prefix.size());
  return value->name();
}

std::string DisplayNumber(double number) {
  char text[40];
  snprintf(text, sizeof text, "%.15g", number);
  return text;
}

std::string DisplayMessage(const Message& message);

// `index` -1: the field is not repeated.
std::string DisplayOne(const Message& message, const FieldDescriptor* field, int index) {
  const auto* reflection = message.GetReflection();
  bool many = index >= 0;
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return OneLine(many ? reflection->GetRepeatedString(message, field, index)
                          : reflection->GetString(message, field));
    case FieldDescriptor::CPPTYPE_ENUM:
      return DisplayOption(many ? reflection->GetRepeatedEnum(message, field, index)
                                : reflection->GetEnum(message, field));
    case FieldDescriptor::CPPTYPE_BOOL:
      return (many ? reflection->GetRepeatedBool(message, field, index)
                   : reflection->GetBool(message, field))
                 ? "yes"
                 : "no";
    case FieldDescriptor::CPPTYPE_INT32:
      return std::to_string(many ? reflection->GetRepeatedInt32(message, field, index)
                                 : reflection->GetInt32(message, field));
    case FieldDescriptor::CPPTYPE_INT64:
      return std::to_string(many ? reflection->GetRepeatedInt64(message, field, index)
                                 : reflection->GetInt64(message, field));
    case FieldDescriptor::CPPTYPE_UINT32:
      return std::to_string(many ? reflection->GetRepeatedUInt32(message, field, index)
                                 : reflection->GetUInt32(message, field));
    case FieldDescriptor::CPPTYPE_UINT64:
      return std::to_string(many ? reflection->GetRepeatedUInt64(message, field, index)
                                 : reflection->GetUInt64(message, field));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return DisplayNumber(many ? reflection->GetRepeatedDouble(message, field, index)
                                : reflection->GetDouble(message, field));
    case FieldDescriptor::CPPTYPE_FLOAT:
      return DisplayNumber(many ? reflection->GetRepeatedFloat(message, field, index)
                                : reflection->GetFloat(message, field));
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return DisplayMessage(many ? reflection->GetRepeatedMessage(message, field, index)
                                 : reflection->GetMessage(message, field));
  }
  return {};
}

bool IsSet(const Message& message, const FieldDescriptor* field) {
  const auto* reflection = message.GetReflection();
  return field->is_repeated() ? reflection->FieldSize(message, field) > 0
                              : reflection->HasField(message, field);
}

std::string DisplayEntry(const Message& entry) {
  const auto* type = entry.GetDescriptor();
  return DisplayOne(entry, type->FindFieldByNumber(1), -1) + "=" +
         DisplayOne(entry, type->FindFieldByNumber(2), -1);
}

std::string DisplayField(const Message& message, const FieldDescriptor* field) {
  if (!IsSet(message, field)) return {};
  if (!field->is_repeated()) return DisplayOne(message, field, -1);
  std::vector<std::string> items;
  for (int i = 0; i < message.GetReflection()->FieldSize(message, field); ++i) {
    items.push_back(field->is_map() ? DisplayEntry(message.GetReflection()->GetRepeatedMessage(
                                          message, field, i))
                                    : DisplayOne(message, field, i));
  }
  if (field->is_map()) std::sort(items.begin(), items.end());
  return Join(items, ", ");
}

std::string DisplayMessage(const Message& message) {
  const std::string& type = message.GetDescriptor()->full_name();
  if (type == "google.protobuf.Timestamp")
    return DisplayTime(As<google::protobuf::Timestamp>(message));
  if (type == "google.type.Money") return DisplayMoney(As<google::type::Money>(message));
  if (type == "google.type.Date") return DisplayDate(As<google::type::Date>(message));
  if (type == crm::record::v1::Value::descriptor()->full_name()) {
    return DisplayValue(As<crm::record::v1::Value>(message));
  }
  std::vector<std::string> parts;
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    std::string part = DisplayField(message, message.GetDescriptor()->field(i));
    if (!part.empty()) parts.push_back(part);
  }
  return Join(parts, ", ");
}

void AddColumn(const RecordType& type, const std::string& path, std::vector<std::string>* columns) {
  const FieldDescriptor* field = type.message->FindFieldByName(path);
  if (!field || std::find(columns->begin(), columns->end(), path) != columns->end()) return;
  // Names of other records are long, and say little.
  if (field->options().GetExtension(crm::record::v1::field).has_reference()) return;
  if (columns->size() < kListColumns) columns->push_back(path);
}

}  // namespace

std::string DisplayTime(const google::protobuf::Timestamp& time) {
  google::protobuf::Timestamp seconds = time;
  seconds.set_nanos(0);
  return google::protobuf::util::TimeUtil::ToString(seconds);
}

std::string DisplayValue(const crm::record::v1::Value& value) {
  using crm::record::v1::Value;
  switch (value.kind_case()) {
    case Value::kText:
      return OneLine(value.text());
    case Value::kInteger:
      return std::to_string(value.integer());
    case Value::kDecimal:
      return value.decimal();
    case Value::kNumber:
      return DisplayNumber(value.number());
    case Value::kFlag:
      return value.flag() ? "yes" : "no";
    case Value::kTime:
      return DisplayTime(value.time());
    case Value::kDate:
      return DisplayDate(value.date());
    case Value::kMoney:
      return DisplayMoney(value.money());
    case Value::kOption:
      return value.option();
    case Value::kOptions:
      return Join({value.options().option().begin(), value.options().option().end()}, ", ");
    case Value::kReference:
      return value.reference();
    case Value::kJson:
      return OneLine(value.json());
    case Value::KIND_NOT_SET:
      break;
  }
  return {};
}

std::string Display(const Message& message, std::string_view path) {
  size_t dot = path.find('.');
  const FieldDescriptor* field =
      message.GetDescriptor()->FindFieldByName(std::string(path.substr(0, dot)));
  if (!field) return {};
  if (dot == std::string_view::npos) return DisplayField(message, field);
  if (field->is_map()) {
    for (int i = 0; i < message.GetReflection()->FieldSize(message, field); ++i) {
      const Message& entry = message.GetReflection()->GetRepeatedMessage(message, field, i);
      if (Display(entry, "key") == path.substr(dot + 1)) return Display(entry, "value");
    }
    return {};
  }
  if (field->is_repeated() || !field->message_type() || !IsSet(message, field)) return {};
  return Display(message.GetReflection()->GetMessage(message, field), path.substr(dot + 1));
}

std::vector<std::string> ListColumns(const RecordType& type) {
  std::vector<std::string> columns;
  AddColumn(type, "name", &columns);
  AddColumn(type, type.options.title(), &columns);
  AddColumn(type, "state", &columns);
  AddColumn(type, "status", &columns);
  for (const auto& index : type.options.index()) {
    for (const auto& path : index.by()) AddColumn(type, path, &columns);
  }
  if (columns.size() < kListColumns) AddColumn(type, "create_time", &columns);
  return columns;
}

Table TableOf(const std::vector<std::string>& paths, const std::vector<const Message*>& records) {
  Table table;
  for (const auto& path : paths) table.header.push_back(Upper(path));
  for (const auto* record : records) {
    auto& row = table.rows.emplace_back();
    for (const auto& path : paths) row.push_back(Display(*record, path));
  }
  return table;
}

Table FieldTable(const Message& record) {
  Table table{{"FIELD", "VALUE"}, {}};
  for (int i = 0; i < record.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = record.GetDescriptor()->field(i);
    if (IsSet(record, field)) table.rows.push_back({field->name(), DisplayField(record, field)});
  }
  return table;
}

std::string ToJson(const Message& message, bool spaced) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = spaced;
  std::string json;
  auto status = google::protobuf::util::BinaryToJsonString(
      AnyTypesOf(message).get(), TypeUrlOf(message), message.SerializeAsString(), &json, options);
  if (!status.ok()) {
    Status failed;
    failed.set_code(google::rpc::INTERNAL);
    failed.set_message("an answer can't be written as JSON: " + std::string(status.message()));
    throw Failure(failed);
  }
  while (!json.empty() && json.back() == '\n') json.pop_back();
  return json;
}

void FromJson(const std::string& json, Message* message) {
  const size_t good = Utf8Prefix(json);
  if (good < json.size()) {
    const size_t from = good - std::min(good, kShownBefore);
    throw UsageError("the JSON is no UTF-8 text: \"…" +
                     Escaped(json.substr(from, good + 1 - from)) + "\"; is it Latin-1?");
  }
  auto status = google::protobuf::util::JsonStringToMessage(json, message);
  if (!status.ok())
    throw UsageError("the JSON is none of " + message->GetDescriptor()->full_name() + ": " +
                     std::string(status.message()));
}

}  // namespace crm::ctl
