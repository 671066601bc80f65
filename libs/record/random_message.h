#pragma once

#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/unknown_field_set.h>

#include <limits>
#include <random>
#include <string>
#include <vector>

#include "libs/record/wire.h"

// Random messages of any type, for tests.
namespace crm::record {

struct RandomChoices {
  bool unknown_fields = true;
  // Times within protobuf's range, names of masks as protos have them, and nothing in an Any: what
  // protobuf's own JSON accepts.
  bool for_json = false;
};

class RandomMessage {
 public:
  using Choices = RandomChoices;

  explicit RandomMessage(uint64_t seed, Choices choices = {}) : random_(seed), choices_(choices) {}

  uint64_t Below(uint64_t limit) { return random_() % limit; }
  bool OneIn(uint64_t n) { return Below(n) == 0; }

  void Fill(google::protobuf::Message* message, int depth = 0) {
    const auto* descriptor = message->GetDescriptor();
    if (choices_.for_json && descriptor->full_name() == "google.protobuf.Any") return;
    bool time = choices_.for_json && descriptor->full_name() == "google.protobuf.Timestamp";
    for (int i = 0; i < descriptor->field_count(); ++i) {
      const auto* field = descriptor->field(i);
      if (OneIn(2)) continue;
      if (time) {
        FillTime(message, field);
      } else if (field->is_map()) {
        FillMap(message, field, depth);
      } else if (field->is_repeated()) {
        for (uint64_t n = Below(4); n > 0; --n) Add(message, field, depth);
      } else {
        Set(message, field, depth);
      }
    }
    // Protobuf's JSON takes no unknown fields in messages that have a form of their own.
    bool own_form = choices_.for_json && descriptor->full_name().rfind("google.protobuf.", 0) == 0;
    if (choices_.unknown_fields && !own_form && OneIn(3)) AddUnknown(message);
  }

  // Changes, sets or empties some of the fields, at any depth.
  void Alter(google::protobuf::Message* message) {
    const auto* descriptor = message->GetDescriptor();
    const auto* reflection = message->GetReflection();
    for (int i = 0; i < descriptor->field_count(); ++i) {
      const auto* field = descriptor->field(i);
      if (!OneIn(5)) continue;
      if (field->is_repeated() && !field->is_map() && OneIn(2)) {
        Add(message, field, 0);
        continue;
      }
      bool nested = field->message_type() && !field->is_repeated();
      if (nested && OneIn(2)) {
        Alter(reflection->MutableMessage(message, field));
        continue;
      }
      reflection->ClearField(message, field);
      if (OneIn(4)) continue;
      if (field->is_map()) {
        FillMap(message, field, 0);
      } else if (field->is_repeated()) {
        Add(message, field, 0);
      } else {
        Set(message, field, 0);
      }
    }
    if (choices_.unknown_fields && OneIn(5)) AddUnknown(message);
  }

  std::string Text() {
    static const char* const kPieces[] = {
        "a",          "b",       "Z",          " ",      "-",         "ș",      "Ionescu", "日本",
        "\U0001f600", "<",       "\"",         "\\",     "\n",        "\t",     "\x01",    "\x7f",
        "é",          "e\u0301", "'",          "\u00ad", "\u2028",    "\ufeff", "9",       "10",
        "\u0600",     "&",       "\U0001d173", "/",      "\U000e0041"};
    if (OneIn(6)) return std::string("x\0y", 3);
    if (OneIn(20)) return std::string(200 + Below(300), 'q');
    std::string text;
    for (uint64_t n = Below(5); n > 0; --n) text += kPieces[Below(std::size(kPieces))];
    return text;
  }

 private:
  using FieldDescriptor = google::protobuf::FieldDescriptor;

  uint64_t Bits() {
    static constexpr uint64_t kExtremes[] = {0,
                                             1,
                                             ~uint64_t{0},
                                             uint64_t{1} << 63,
                                             (uint64_t{1} << 63) - 1,
                                             uint64_t{1} << 31,
                                             (uint64_t{1} << 31) - 1,
                                             uint64_t{1} << 32,
                                             127,
                                             128};
    return OneIn(2) ? kExtremes[Below(std::size(kExtremes))] : OneIn(2) ? Below(300) : random_();
  }

  double Number() {
    static const double kExtremes[] = {0.0,
                                       -0.0,
                                       1.5,
                                       -1.5,
                                       1e300,
                                       -1e-300,
                                       0.1,
                                       std::numeric_limits<double>::infinity(),
                                       -std::numeric_limits<double>::infinity(),
                                       std::numeric_limits<double>::denorm_min()};
    return OneIn(2) ? kExtremes[Below(std::size(kExtremes))]
                    : (static_cast<double>(Below(2'000'000)) - 1e6) / 7;
  }

  int EnumNumber(const google::protobuf::EnumDescriptor& type) {
    if (OneIn(5)) return static_cast<int>(Bits());
    return type.value(static_cast<int>(Below(static_cast<uint64_t>(type.value_count()))))->number();
  }

  void FillTime(google::protobuf::Message* message, const FieldDescriptor* field) {
    if (field->number() == 1) {
      message->GetReflection()->SetInt64(
          message, field, static_cast<int64_t>(Below(315'537'897'599)) - 62'135'596'800);
    } else {
      static constexpr int kNanos[] = {0, 1, 1000, 1'000'000, 999'999'999, 500'000'000};
      message->GetReflection()->SetInt32(message, field, kNanos[Below(std::size(kNanos))]);
    }
  }

  void Set(google::protobuf::Message* message, const FieldDescriptor* field, int depth) {
    const auto* reflection = message->GetReflection();
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT32:
        return reflection->SetInt32(message, field, static_cast<int32_t>(Bits()));
      case FieldDescriptor::CPPTYPE_INT64:
        return reflection->SetInt64(message, field, static_cast<int64_t>(Bits()));
      case FieldDescriptor::CPPTYPE_UINT32:
        return reflection->SetUInt32(message, field, static_cast<uint32_t>(Bits()));
      case FieldDescriptor::CPPTYPE_UINT64:
        return reflection->SetUInt64(message, field, Bits());
      case FieldDescriptor::CPPTYPE_DOUBLE:
        return reflection->SetDouble(message, field, Number());
      case FieldDescriptor::CPPTYPE_FLOAT:
        return reflection->SetFloat(message, field, static_cast<float>(Number()));
      case FieldDescriptor::CPPTYPE_BOOL:
        return reflection->SetBool(message, field, OneIn(2));
      case FieldDescriptor::CPPTYPE_ENUM:
        return reflection->SetEnumValue(message, field, EnumNumber(*field->enum_type()));
      case FieldDescriptor::CPPTYPE_STRING:
        return reflection->SetString(message, field, Text());
      case FieldDescriptor::CPPTYPE_MESSAGE:
        if (depth < 4) Fill(reflection->MutableMessage(message, field), depth + 1);
    }
  }

  void Add(google::protobuf::Message* message, const FieldDescriptor* field, int depth) {
    const auto* reflection = message->GetReflection();
    bool mask = field->containing_type()->full_name() == "google.protobuf.FieldMask";
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT32:
        return reflection->AddInt32(message, field, static_cast<int32_t>(Bits()));
      case FieldDescriptor::CPPTYPE_INT64:
        return reflection->AddInt64(message, field, static_cast<int64_t>(Bits()));
      case FieldDescriptor::CPPTYPE_UINT32:
        return reflection->AddUInt32(message, field, static_cast<uint32_t>(Bits()));
      case FieldDescriptor::CPPTYPE_UINT64:
        return reflection->AddUInt64(message, field, Bits());
      case FieldDescriptor::CPPTYPE_DOUBLE:
        return reflection->AddDouble(message, field, Number());
      case FieldDescriptor::CPPTYPE_FLOAT:
        return reflection->AddFloat(message, field, static_cast<float>(Number()));
      case FieldDescriptor::CPPTYPE_BOOL:
        return reflection->AddBool(message, field, OneIn(2));
      case FieldDescriptor::CPPTYPE_ENUM:
        return reflection->AddEnumValue(message, field, EnumNumber(*field->enum_type()));
      case FieldDescriptor::CPPTYPE_STRING:
        return reflection->AddString(message, field,
                                     mask && choices_.for_json
                                         ? (OneIn(2) ? "first_name" : "address1.postal_code")
                                         : Text());
      case FieldDescriptor::CPPTYPE_MESSAGE:
        if (depth < 4) Fill(reflection->AddMessage(message, field), depth + 1);
    }
  }

  // Different keys, because a map has each once.
  void FillMap(google::protobuf::Message* message, const FieldDescriptor* field, int depth) {
    static const char* const kKeys[] = {"", "a", "size", "shoe_size", "ș", "x\ny"};
    for (const char* key : kKeys) {
      if (!OneIn(2)) continue;
      auto* entry = message->GetReflection()->AddMessage(message, field);
      entry->GetReflection()->SetString(entry, entry->GetDescriptor()->map_key(), key);
      Set(entry, entry->GetDescriptor()->map_value(), depth + 1);
    }
  }

  void AddUnknown(google::protobuf::Message* message) {
    auto* unknown = message->GetReflection()->MutableUnknownFields(message);
    for (uint64_t n = 1 + Below(3); n > 0; --n) {
      int number = static_cast<int>(20'000 + Below(4));
      if (OneIn(4)) number = 536'870'911;
      switch (Below(4)) {
        case 0:
          unknown->AddVarint(number, Bits());
          break;
        case 1:
          unknown->AddFixed32(number, static_cast<uint32_t>(Bits()));
          break;
        case 2:
          unknown->AddFixed64(number, Bits());
          break;
        default:
          unknown->AddLengthDelimited(number, Text());
      }
    }
  }

  std::mt19937_64 random_;
  Choices choices_;
};

}  // namespace crm::record
