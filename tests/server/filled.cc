#include "tests/server/filled.h"

#include <algorithm>

#include "google/api/field_behavior.pb.h"

namespace crm::test {
namespace {

using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr int kStateNumber = 8;
constexpr int kStatusNumber = 9;

bool Behaves(const FieldDescriptor* field, google::api::FieldBehavior behavior) {
  for (int i = 0; i < field->options().ExtensionSize(google::api::field_behavior); ++i) {
    if (field->options().GetExtension(google::api::field_behavior, i) == behavior) return true;
  }
  return false;
}

// Where a record is about a currency, no two of a few are about the same.
std::string CurrencyOf(int seed) {
  static constexpr const char* kCodes[] = {
      "EUR", "USD", "RON", "GBP", "CHF", "JPY", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF",
      "TRY", "CAD", "AUD", "NZD", "MXN", "BRL", "INR", "CNY", "KRW", "ZAR", "ILS", "SGD",
      "HKD", "THB", "AED", "SAR", "EGP", "UAH", "ISK", "MDL", "RSD", "ALL", "GEL", "AMD",
      "AZN", "KZT", "UZS", "MNT", "VND", "IDR", "MYR", "PHP", "TWD", "PKR", "LKR", "BDT",
      "NPR", "MVR", "KES", "TZS", "UGX", "GHS", "NGN", "MAD", "TND", "DZD", "LYD", "QAR",
      "KWD", "BHD", "OMR", "JOD", "LBP", "IQD", "CLP", "COP", "PEN", "UYU", "ARS", "BOB",
      "PYG", "CRC", "GTQ", "HNL", "NIO", "PAB", "DOP", "JMD"};
  return kCodes[(static_cast<size_t>(seed) + std::size(kCodes) - 1) % std::size(kCodes)];
}

std::string TextOf(const FieldDescriptor* field, int seed) {
  const std::string number = std::to_string(seed);
  switch (AnnotationOf(field).format()) {
    case record::v1::EMAIL:
      return "person" + number + "@example.com";
    case record::v1::PHONE:
      return "+40 21 555 " + number;
    case record::v1::URL:
      return "https://example.com/" + number;
    case record::v1::CURRENCY:
      return IsRequired(field) ? CurrencyOf(seed) : "EUR";
    case record::v1::DECIMAL:
      return "1." + number;
    case record::v1::COLLECTION:
      return "type_" + number;
    case record::v1::LANGUAGE:
      return "ro-RO";
    case record::v1::TIME_ZONE:
      return "Europe/Bucharest";
    default:
      break;
  }
  std::string text = number + " " + field->name();
  const int limit = AnnotationOf(field).max_length();
  return limit > 0 ? text.substr(0, static_cast<size_t>(limit)) : text;
}

// The first enum value of the state that a record is created in.
const EnumValueDescriptor* StatusOf(const FieldDescriptor* field, int seed) {
  const FieldDescriptor* state = field->containing_type()->FindFieldByNumber(kStateNumber);
  std::vector<const EnumValueDescriptor*> values;
  for (int i = 0; i < field->enum_type()->value_count(); ++i) {
    const EnumValueDescriptor* value = field->enum_type()->value(i);
    const bool open =
        state != nullptr && OptionOf(value).of_state() == DefaultOf(state->enum_type())->number();
    if (value->number() != 0 && open) values.push_back(value);
  }
  return values[static_cast<size_t>(seed) % values.size()];
}

const EnumValueDescriptor* ValueOf(const FieldDescriptor* field, int seed) {
  if (field->number() == kStatusNumber && field->name() == "status" &&
      field->containing_type()->FindFieldByNumber(kStateNumber))
    return StatusOf(field, seed);
  const int count = field->enum_type()->value_count();
  return field->enum_type()->value(1 + seed % (count - 1));
}

int64_t IntegerOf(const FieldDescriptor* field, int seed) {
  const record::v1::Field& limits = AnnotationOf(field);
  if (limits.min() == 0 && limits.max() == 0) return seed;
  return limits.min() + seed % (limits.max() - limits.min() + 1);
}

// A half where there is room for it.
double NumberOf(const FieldDescriptor* field, int seed) {
  const auto whole = static_cast<double>(IntegerOf(field, seed));
  return AnnotationOf(field).max() == 0 ? whole + 0.5 : whole;
}

void SetNumber(Message* message, const std::string& name, int64_t value) {
  const FieldDescriptor* field = message->GetDescriptor()->FindFieldByName(name);
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_INT64) {
    message->GetReflection()->SetInt64(message, field, value);
  } else {
    message->GetReflection()->SetInt32(message, field, static_cast<int32_t>(value));
  }
}

void FillMessage(Message* message, int seed, const Referred& referred) {
  const std::string& type = message->GetDescriptor()->full_name();
  if (type == "google.protobuf.Timestamp") {
    SetNumber(message, "seconds", 1'900'000'000 + seed);
    SetNumber(message, "nanos", 123'456'000);
  } else if (type == "google.type.Date") {
    SetNumber(message, "year", 2031);
    SetNumber(message, "month", 1 + seed % 12);
    SetNumber(message, "day", 1 + seed % 28);
  } else if (type == "google.type.Money") {
    message->GetReflection()->SetString(
        message, message->GetDescriptor()->FindFieldByName("currency_code"), "EUR");
    SetNumber(message, "units", 1000 + seed);
    SetNumber(message, "nanos", 250'000'000);
  } else if (type == "crm.record.v1.Value") {
    SetNumber(message, "integer", seed);
  } else {
    Fill(message, seed, referred);
  }
}

void FillEntry(Message* entry, int seed, const Referred& referred) {
  const FieldDescriptor* key = entry->GetDescriptor()->FindFieldByNumber(1);
  const FieldDescriptor* value = entry->GetDescriptor()->FindFieldByNumber(2);
  if (key->cpp_type() == FieldDescriptor::CPPTYPE_STRING)
    entry->GetReflection()->SetString(entry, key, "shoe_size");
  FillField(entry, value, seed, referred);
}

// Sets the field, or adds to it where it is repeated.
template <class Set, class Add, class Value>
void Put(Message* message, const FieldDescriptor* field, Set set, Add add, Value value) {
  const Reflection* reflection = message->GetReflection();
  if (field->is_repeated()) {
    (reflection->*add)(message, field, value);
  } else {
    (reflection->*set)(message, field, value);
  }
}

}  // namespace

bool IsRequired(const FieldDescriptor* field) { return Behaves(field, google::api::REQUIRED); }

bool IsOutputOnly(const FieldDescriptor* field) { return Behaves(field, google::api::OUTPUT_ONLY); }

bool IsImmutable(const FieldDescriptor* field) { return Behaves(field, google::api::IMMUTABLE); }

bool IsSettable(const FieldDescriptor* field) {
  return !IsOutputOnly(field) && !Behaves(field, google::api::IDENTIFIER);
}

const record::v1::Field& AnnotationOf(const FieldDescriptor* field) {
  return field->options().GetExtension(record::v1::field);
}

const record::v1::Option& OptionOf(const EnumValueDescriptor* value) {
  return value->options().GetExtension(record::v1::option);
}

const EnumValueDescriptor* DefaultOf(const google::protobuf::EnumDescriptor* options) {
  for (int i = 0; i < options->value_count(); ++i) {
    if (OptionOf(options->value(i)).default_()) return options->value(i);
  }
  return nullptr;
}

void FillField(Message* record, const FieldDescriptor* field, int seed, const Referred& referred) {
  const Reflection* reflection = record->GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING: {
      const bool reference = AnnotationOf(field).has_reference();
      const std::string text = reference ? referred(field) : TextOf(field, seed);
      if (!text.empty()) Put(record, field, &Reflection::SetString, &Reflection::AddString, text);
      return;
    }
    case FieldDescriptor::CPPTYPE_BOOL:
      return Put(record, field, &Reflection::SetBool, &Reflection::AddBool, seed % 2 == 1);
    case FieldDescriptor::CPPTYPE_ENUM:
      return Put(record, field, &Reflection::SetEnum, &Reflection::AddEnum, ValueOf(field, seed));
    case FieldDescriptor::CPPTYPE_INT32:
      return Put(record, field, &Reflection::SetInt32, &Reflection::AddInt32,
                 static_cast<int32_t>(IntegerOf(field, seed)));
    case FieldDescriptor::CPPTYPE_INT64:
      return Put(record, field, &Reflection::SetInt64, &Reflection::AddInt64,
                 IntegerOf(field, seed));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return Put(record, field, &Reflection::SetDouble, &Reflection::AddDouble,
                 NumberOf(field, seed));
    case FieldDescriptor::CPPTYPE_MESSAGE:
      break;
    default:
      return;
  }
  Message* inner = field->is_repeated() ? reflection->AddMessage(record, field)
                                        : reflection->MutableMessage(record, field);
  if (field->is_map()) return FillEntry(inner, seed, referred);
  FillMessage(inner, seed, referred);
}

void Fill(Message* record, int seed, const Referred& referred) {
  for (int i = 0; i < record->GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = record->GetDescriptor()->field(i);
    if (IsSettable(field)) FillField(record, field, seed, referred);
  }
}

void FillRequired(Message* record, int seed, const Referred& referred) {
  for (int i = 0; i < record->GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = record->GetDescriptor()->field(i);
    if (IsRequired(field)) FillField(record, field, seed, referred);
  }
}

std::string NameElsewhere(const FieldDescriptor* field) {
  const auto& to = AnnotationOf(field).reference().to();
  return to.empty() ? "" : to[0] + "/" + IdOf(field->number());
}

std::string IdOf(int number) {
  std::string digits = std::to_string(number);
  digits.insert(0, 12 - std::min<size_t>(12, digits.size()), '0');
  return "01920000-0000-7000-8000-" + digits;
}

}  // namespace crm::test
