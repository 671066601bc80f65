#include "libs/record/validate.h"

#include <cmath>
#include <cstring>

#include "libs/record/image.h"
#include "libs/record/name.h"
#include "libs/record/text.h"
#include "libs/record/wire.h"

namespace crm::record {
namespace {

// More than this tells nobody anything, and costs memory that a client decides about.
constexpr size_t kMostViolations = 1000;
constexpr size_t kQuoted = 80;
constexpr int kMaxDepth = 100;

constexpr int64_t kFirstSecond = -62'135'596'800;  // 0001-01-01
constexpr int64_t kLastSecond = 253'402'300'799;   // 9999-12-31
constexpr int kNanosPerSecond = 1'000'000'000;
constexpr int kMoneyStep = 100'000;  // four decimals

// Where a message lies; turned into text only when something is wrong.
struct Place {
  const Place* up = nullptr;
  std::string_view name;  // the prefix, a field or a map's key
  int64_t position = -1;  // within a list
};

void AppendPlace(const Place& place, std::string* path) {
  if (place.up) AppendPlace(*place.up, path);
  if (!path->empty() && !place.name.empty()) *path += '.';
  // A prefix is the caller's own and may be longer than what is told back to a client.
  *path += place.up ? Quote(place.name, kQuoted) : std::string(place.name);
  if (place.position >= 0) *path += '[' + std::to_string(place.position) + ']';
}

bool IsFieldName(std::string_view text) {
  if (text.empty() || text.size() > 63 || text[0] < 'a' || text[0] > 'z') return false;
  return text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string_view::npos;
}

struct Parts {
  int64_t first = 0, second = 0, third = 0;
  std::string_view text;  // field 1 where it is a text
};

class Validation {
 public:
  enum class Of { kRecord, kPart, kRequest };
  explicit Validation(Of of) : of_(of) {}

  // `prefix`: `lead.` for a record that a request calls so.
  void Record(const MessageType& type, std::string_view image, std::string_view prefix) {
    if (!prefix.empty() && prefix.back() == '.') prefix.remove_suffix(1);
    Place top{nullptr, prefix};
    Message(type, image, top, 0);
  }
  std::vector<Violation> Take() { return std::move(violations_); }

 private:
  void Message(const MessageType& type, std::string_view bytes, const Place& place, int depth);
  void Report(const Place& place, std::string reason, std::string description);
  void Unknown(const Place& place, uint32_t number);
  void Known(const Field& field, const WireReader& reader, const Place& place, int depth);
  void Text(const Field& field, std::string_view text, const Place& place);
  void Reference(const Field& field, std::string_view text, const Place& place);
  void Packed(const Field& field, std::string_view payload, const Place& place);
  void Number(const Field& field, uint64_t bits, const Place& place);
  template <class T>
  void Range(const Field& field, T value, const Place& place);
  void Time(std::string_view bytes, const Field& field, const Place& place);
  void Date(std::string_view bytes, const Field& field, const Place& place);
  void Money(const Field& field, std::string_view bytes, const Place& place);
  void Currency(std::string_view code, const Place& place);
  void Entry(const Field& field, std::string_view entry, const Place& place, int depth);
  void CustomValue(const Field& field, std::string_view value, const Place& place, int depth);
  bool Split(const Field& field, std::string_view bytes, const Place& place, Parts* parts);

  Of of_;
  std::string currency_;  // of the record's first amount
  std::vector<Violation> violations_;
};

void Validation::Report(const Place& place, std::string reason, std::string description) {
  if (violations_.size() >= kMostViolations) return;
  std::string path;
  AppendPlace(place, &path);
  violations_.push_back({std::move(path), std::move(reason), std::move(description)});
}

void Validation::Unknown(const Place& place, uint32_t number) {
  Report({&place, std::to_string(number)}, "UNKNOWN_FIELD", "no field has this number");
}

void Validation::Message(const MessageType& type, std::string_view bytes, const Place& place,
                         int depth) {
  if (depth > kMaxDepth) return Report(place, "INVALID_VALUE", "is nested too deeply");
  auto field = type.fields.begin(), end = type.fields.end();
  auto skip_to = [&](uint32_t number) {
    for (; field != end && field->number < number; ++field) {
      if (field->required && of_ != Of::kPart && !field->output_only) {
        Report({&place, field->name}, "REQUIRED_FIELD", "must be given");
      }
    }
  };
  WireReader reader(bytes);
  int64_t position = -1;
  uint32_t last = 0;
  while (reader.Next()) {
    uint32_t number = reader.number();
    if (number != last) {
      // The field before this one was there, so it is no longer one that may be missing.
      if (field != end && field->number == last) ++field;
      skip_to(number);
      position = -1;
      last = number;
    }
    ++position;
    if (field == end || field->number != number) {
      Unknown(place, number);
    } else if (!field->output_only) {
      Known(*field, reader, {&place, field->name, field->repeated && !field->map ? position : -1},
            depth);
    }
  }
  if (!reader.ok()) Report(place, "INVALID_FORMAT", "is malformed");
  if (field != end && field->number == last) ++field;
  skip_to(UINT32_MAX);
}

void Validation::Known(const Field& field, const WireReader& reader, const Place& place,
                       int depth) {
  bool packed =
      field.repeated && field.wire != WireType::kBytes && reader.type() == WireType::kBytes;
  if (!packed && reader.type() != field.wire)
    return Report(place, "INVALID_FORMAT", "is not of the field's type");
  if (packed) return Packed(field, reader.payload(), place);
  switch (field.kind) {
    case Kind::kText:
      return Text(field, reader.payload(), place);
    case Kind::kReference:
      return Reference(field, reader.payload(), place);
    case Kind::kTime:
      return Time(reader.payload(), field, place);
    case Kind::kDate:
      return Date(reader.payload(), field, place);
    case Kind::kMoney:
      return Money(field, reader.payload(), place);
    case Kind::kBytes:
      return;
    case Kind::kMessage:
      if (field.map) return Entry(field, reader.payload(), place, depth);
      // The records in a request are looked at on their own, with what they are called there.
      if (of_ == Of::kRequest && field.message->record) return;
      return Message(*field.message, reader.payload(), place, depth + 1);
    default:
      return Number(field, reader.varint(), place);
  }
}

void Validation::Text(const Field& field, std::string_view text, const Place& place) {
  auto limit = static_cast<size_t>(field.annotation.max_length());
  // A text of few bytes has no more code points than these.
  if (limit > 0 && text.size() > limit) {
    size_t length = CodePoints(text);
    if (length > limit) {
      Report(place, "TOO_LONG",
             "at most " + std::to_string(limit) + " characters, has " + std::to_string(length));
      return;
    }
  }
  v1::Format format = field.annotation.format();
  if (format != v1::TEXT && !text.empty()) {
    if (!HasFormat(format, text)) {
      Report(place, "INVALID_FORMAT", "is not " + std::string(FormatName(format)));
    } else if (format == v1::CURRENCY && of_ != Of::kRequest) {
      Currency(text, place);
    }
  }
}

void Validation::Reference(const Field& field, std::string_view text, const Place& place) {
  if (text.empty()) return;
  auto name = Name::Parse(text);
  if (!name)
    return Report(place, "BAD_REFERENCE",
                  "is not a record's name, such as leads/ and a UUID in lower case");
  const auto& to = field.annotation.reference().to();
  std::string allowed;
  for (const std::string& collection : to) {
    if (collection == "*" || collection == name->collection) return;
    allowed += (allowed.empty() ? "" : ", ") + collection;
  }
  Report(place, "BAD_REFERENCE",
         "must be one of " + allowed + ", not of " + std::string(name->collection));
}

void Validation::Packed(const Field& field, std::string_view payload, const Place& place) {
  // Each value is put behind a tag of its own, so that there is one way to read numbers.
  size_t size = field.wire == WireType::kFixed64 ? 8 : field.wire == WireType::kFixed32 ? 4 : 0;
  int64_t position = 0;
  std::string one;
  while (!payload.empty()) {
    size_t length = size;
    if (size == 0) {
      while (length < payload.size() && (payload[length] & 0x80)) ++length;
      ++length;
    }
    one.clear();
    AppendTag(1, field.wire, &one);
    one += payload.substr(0, length);
    WireReader reader(one);
    if (!reader.Next()) return Report(place, "INVALID_FORMAT", "is malformed");
    Number(field, reader.varint(), {place.up, place.name, position++});
    payload.remove_prefix(std::min(length, payload.size()));
  }
}

// Whole numbers are compared in a type that holds them all.
__extension__ typedef __int128 Wide;
Wide Comparable(int64_t value) { return value; }
Wide Comparable(uint64_t value) { return value; }
double Comparable(double value) { return value; }

template <class T>
void Validation::Range(const Field& field, T value, const Place& place) {
  int64_t min = field.annotation.min(), max = field.annotation.max();
  if (min == 0 && max == 0) return;
  if (Comparable(value) >= min && Comparable(value) <= max) return;
  Report(place, "OUT_OF_RANGE",
         "at least " + std::to_string(min) + " and at most " + std::to_string(max) + ", is " +
             std::to_string(value));
}

void Validation::Number(const Field& field, uint64_t bits, const Place& place) {
  using google::protobuf::FieldDescriptor;
  switch (field.kind) {
    case Kind::kOption:
      if (!field.options->Find(static_cast<int>(bits))) {
        Report(place, "UNKNOWN_OPTION",
               std::to_string(static_cast<int>(bits)) + " is none of its options");
      }
      return;
    case Kind::kNumber: {
      double value;
      float single;
      std::memcpy(&value, &bits, sizeof value);
      std::memcpy(&single, &bits, sizeof single);
      if (field.wire == WireType::kFixed32) value = double{single};
      if (!std::isfinite(value)) return Report(place, "INVALID_VALUE", "is not a finite number");
      return Range(field, value, place);
    }
    case Kind::kInteger: {
      auto value = static_cast<int64_t>(bits);
      if (field.proto_type == FieldDescriptor::TYPE_SFIXED32) value = static_cast<int32_t>(bits);
      if (field.proto_type == FieldDescriptor::TYPE_SINT32 ||
          field.proto_type == FieldDescriptor::TYPE_SINT64) {
        value = static_cast<int64_t>(bits >> 1) ^ -static_cast<int64_t>(bits & 1);
      }
      return Range(field, value, place);
    }
    case Kind::kUnsigned:
      return Range(field, bits, place);
    default:
      return;
  }
}

// Reads a message of at most three simple fields; reports what else is in it.
bool Validation::Split(const Field& field, std::string_view bytes, const Place& place,
                       Parts* parts) {
  WireReader reader(bytes);
  while (reader.Next()) {
    const Field* part = field.message->Find(reader.number());
    if (!part) {
      Unknown(place, reader.number());
      return false;
    }
    if (part->wire != reader.type()) break;
    auto value = static_cast<int64_t>(reader.varint());
    if (part->wire == WireType::kBytes) {
      parts->text = reader.payload();
    } else if (part->number == 1) {
      parts->first = value;
    } else if (part->number == 2) {
      parts->second = value;
    } else {
      parts->third = value;
    }
    if (part->proto_type == google::protobuf::FieldDescriptor::TYPE_INT32 &&
        value != static_cast<int32_t>(value))
      break;
  }
  // Canonical images come here only, so this is a last line of defence.
  bool whole = reader.ok() && !reader.Next();
  if (!whole) Report(place, "INVALID_FORMAT", "is malformed");
  return whole;
}

void Validation::Time(std::string_view bytes, const Field& field, const Place& place) {
  Parts parts;
  if (!Split(field, bytes, place, &parts)) return;
  if (parts.first < kFirstSecond || parts.first > kLastSecond || parts.second < 0 ||
      parts.second >= kNanosPerSecond) {
    Report(place, "OUT_OF_RANGE", "must lie in the years 1 to 9999");
  }
}

void Validation::Date(std::string_view bytes, const Field& field, const Place& place) {
  Parts parts;
  if (!Split(field, bytes, place, &parts)) return;
  if (!IsDay(parts.first, parts.second, parts.third)) {
    Report(place, "INVALID_VALUE",
           "must be a day of the years 1 to 9999, with year, month and day");
  }
}

void Validation::Money(const Field& field, std::string_view bytes, const Place& place) {
  Parts parts;
  if (!Split(field, bytes, place, &parts)) return;
  int64_t units = parts.second, nanos = parts.third;
  if (nanos <= -kNanosPerSecond || nanos >= kNanosPerSecond || (units > 0 && nanos < 0) ||
      (units < 0 && nanos > 0)) {
    Report({&place, "nanos"}, "INVALID_VALUE",
           "must have the sign of the units, and be less than a unit");
  } else if (nanos % kMoneyStep != 0) {
    Report({&place, "nanos"}, "INVALID_VALUE",
           "amounts have four decimals: nanos must be a multiple of 100000");
  }
  Range(field, units, place);
  if (parts.text.empty()) {
    Report({&place, "currency_code"}, "REQUIRED_FIELD", "must be given");
  } else if (!IsCurrency(parts.text)) {
    Report({&place, "currency_code"}, "INVALID_FORMAT",
           "is not " + std::string(FormatName(v1::CURRENCY)));
  } else {
    Currency(parts.text, {&place, "currency_code"});
  }
}

void Validation::Currency(std::string_view code, const Place& place) {
  if (currency_.empty()) currency_ = code;
  if (currency_ == code) return;
  Report(place, "CURRENCY_MISMATCH",
         "a record has one currency: " + currency_ + ", not " + std::string(code));
}

// A tenant's own field, or an entry of another map.
void Validation::Entry(const Field& field, std::string_view entry, const Place& place, int depth) {
  WireReader reader(entry);
  std::string_view key;
  if (reader.Next() && reader.number() == 1 && reader.type() == WireType::kBytes)
    key = reader.payload();
  Place here{&place, key};
  const Field& value = field.message->fields.back();
  bool custom = field.number == kCustom || field.number == kCustomPersonal;
  if (custom && !IsFieldName(key)) {
    Report(here, "INVALID_VALUE",
           "a field's name has 1 to 63 characters: a letter, then letters, digits and _, in lower "
           "case");
  }
  while (reader.Next()) {
    if (reader.number() != value.number) {
      Unknown(here, reader.number());
    } else if (custom && of_ != Of::kRequest) {
      CustomValue(value, reader.payload(), here, depth);
    } else {
      Known(value, reader, here, depth + 1);
    }
  }
  if (!reader.ok()) Report(here, "INVALID_FORMAT", "is malformed");
}

void Validation::CustomValue(const Field& field, std::string_view value, const Place& place,
                             int depth) {
  size_t before = violations_.size();
  Message(*field.message, value, place, depth + 1);
  if (violations_.size() != before) return;
  WireReader reader(value);
  const Field* kind = reader.Next() ? field.message->Find(reader.number()) : nullptr;
  if (!kind) return Report(place, "INVALID_VALUE", "has no value");
  if (kind->name == "decimal" && !IsDecimal(reader.payload())) {
    Report({&place, kind->name}, "INVALID_FORMAT", "is not a decimal number");
  } else if (kind->name == "reference" && !Name::Parse(reader.payload())) {
    Report({&place, kind->name}, "BAD_REFERENCE",
           "is not a record's name, such as leads/ and a UUID in lower case");
  } else if (kind->name == "json") {
    Report({&place, kind->name}, "INVALID_VALUE", "is for changes only");
  }
}

}  // namespace

std::vector<Violation> Validate(const MessageType& type, std::string_view image,
                                std::string_view prefix) {
  Validation validation(Validation::Of::kRecord);
  validation.Record(type, image, prefix);
  return validation.Take();
}

std::vector<Violation> ValidatePart(const MessageType& type, std::string_view image,
                                    std::string_view prefix) {
  Validation validation(Validation::Of::kPart);
  validation.Record(type, image, prefix);
  return validation.Take();
}

std::vector<Violation> ValidateRequest(const MessageType& type, std::string_view image) {
  Validation validation(Validation::Of::kRequest);
  validation.Record(type, image, {});
  return validation.Take();
}

}  // namespace crm::record
