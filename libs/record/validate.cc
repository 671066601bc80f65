#include "libs/record/validate.h"

#include "libs/record/format.h"
#include "libs/record/name.h"
#include "libs/record/text.h"
#include "libs/record/validation.h"

namespace crm::record {
namespace {

// More than this tells nobody anything, and costs memory that a client decides about.
constexpr size_t kMostViolations = 1000;
constexpr size_t kQuoted = 80;
constexpr int kMaxDepth = 100;

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

}  // namespace

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
