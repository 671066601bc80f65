#include <cmath>
#include <cstdio>
#include <cstring>

#include "libs/record/calendar.h"
#include "libs/record/format.h"
#include "libs/record/money.h"
#include "libs/record/name.h"
#include "libs/record/text.h"
#include "libs/record/validation.h"

namespace crm::record {
namespace {

constexpr int64_t kFirstSecond = -62'135'596'800;  // 0001-01-01
constexpr int64_t kLastSecond = 253'402'300'799;   // 9999-12-31
constexpr int kNanosPerSecond = 1'000'000'000;

// Whole numbers are compared in a type that holds them all.
Wide Comparable(int64_t value) { return value; }
Wide Comparable(uint64_t value) { return value; }
double Comparable(double value) { return value; }

}  // namespace

void Validation::Text(const Field& field, std::string_view text, const Place& place) {
  constexpr std::string_view kBlanks = " \t\n\r\v\f";
  if (field.required && !text.empty() && text.find_first_not_of(kBlanks) == std::string_view::npos)
    return Report(place, "REQUIRED_FIELD", "must not be blank");
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
  const Lines lines = field.annotation.multiline() ? Lines::kMany : Lines::kOne;
  if (const auto forbidden = FindForbidden(text, lines)) {
    char code[16];
    std::snprintf(code, sizeof code, "U+%04X", static_cast<unsigned>(*forbidden));
    return Report(place, "INVALID_FORMAT",
                  "has the character " + std::string(code) +
                      (lines == Lines::kOne ? ", which a text of one line must not have"
                                            : ", which no text may have"));
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
  } else if (nanos % record::Money::kNanosOfPart != 0) {
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

}  // namespace crm::record
