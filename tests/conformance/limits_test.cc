#include <gmock/gmock.h>

#include <algorithm>
#include <functional>

#include "tests/conformance/tested.h"

// Each limit of each field, as its annotation has it.
namespace crm::test {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

// A record with one thing wrong, and how that is to be told.
struct Wrong {
  std::string path;  // without the record's own name: `address1.city`
  std::string reason;
  std::function<void(Message*)> spoil;  // spoils the message that holds the field
};

std::string BadText(record::v1::Format format) {
  switch (format) {
    case record::v1::EMAIL:
      return "nobody";
    case record::v1::PHONE:
      return "call me";
    case record::v1::URL:
      return "gopher://example.com";
    case record::v1::CURRENCY:
      return "QQQ";
    case record::v1::LANGUAGE:
      return "?";
    case record::v1::TIME_ZONE:
      return "Mars/Olympus";
    case record::v1::DECIMAL:
      return "-4,5";
    case record::v1::COLLECTION:
      return "Big Leads";
    default:
      return "";
  }
}

// As many letters as wanted, each of two bytes: limits count letters.
std::string Letters(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += "ă";
  return text;
}

void SetString(Message* message, const FieldDescriptor* field, const std::string& text) {
  if (field->is_repeated()) {
    message->GetReflection()->ClearField(message, field);
    return message->GetReflection()->AddString(message, field, text);
  }
  message->GetReflection()->SetString(message, field, text);
}

void AddTexts(const FieldDescriptor* field, const std::string& path, std::vector<Wrong>* wrongs) {
  const auto& annotation = AnnotationOf(field);
  auto add = [&](const std::string& reason, const std::string& text) {
    wrongs->push_back({path, reason, [field, text](Message* m) { SetString(m, field, text); }});
  };
  if (annotation.max_length() > 0) add("TOO_LONG", Letters(annotation.max_length() + 1));
  if (annotation.format() != record::v1::TEXT) add("INVALID_FORMAT", BadText(annotation.format()));
  if (!annotation.has_reference()) {
    if (!annotation.multiline()) add("INVALID_FORMAT", "a\nb");
    return;
  }
  add("BAD_REFERENCE", "nonsense");
  add("BAD_REFERENCE", "wishes/" + IdOf(1));
  add("BAD_REFERENCE", annotation.reference().to(0) + "/1");
}

void AddNumbers(const FieldDescriptor* field, const std::string& path, std::vector<Wrong>* wrongs) {
  const auto& annotation = AnnotationOf(field);
  if (annotation.min() == 0 && annotation.max() == 0) return;
  for (int64_t value : {annotation.min() - 1, annotation.max() + 1}) {
    wrongs->push_back({path, "OUT_OF_RANGE", [field, value](Message* m) {
                         const Reflection* reflection = m->GetReflection();
                         if (field->cpp_type() == FieldDescriptor::CPPTYPE_DOUBLE) {
                           reflection->SetDouble(m, field, static_cast<double>(value));
                         } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_INT64) {
                           reflection->SetInt64(m, field, value);
                         } else {
                           reflection->SetInt32(m, field, static_cast<int32_t>(value));
                         }
                       }});
  }
}

void SetNumber(Message* message, const std::string& name, int64_t value) {
  const FieldDescriptor* field = message->GetDescriptor()->FindFieldByName(name);
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_INT64) {
    message->GetReflection()->SetInt64(message, field, value);
  } else {
    message->GetReflection()->SetInt32(message, field, static_cast<int32_t>(value));
  }
}

void AddWellKnown(const FieldDescriptor* field, const std::string& path,
                  std::vector<Wrong>* wrongs) {
  auto add = [&](const std::string& where, const std::string& reason, auto spoil) {
    wrongs->push_back({path + where, reason, [field, spoil](Message* m) {
                         spoil(m->GetReflection()->MutableMessage(m, field));
                       }});
  };
  const std::string& type = field->message_type()->full_name();
  if (type == "google.protobuf.Timestamp") {
    add("", "OUT_OF_RANGE", [](Message* m) { SetNumber(m, "nanos", -1); });
    add("", "OUT_OF_RANGE", [](Message* m) { SetNumber(m, "seconds", 253'402'300'800); });
  } else if (type == "google.type.Date") {
    add("", "INVALID_VALUE", [](Message* m) { SetNumber(m, "month", 13); });
  } else if (type == "google.type.Money") {
    add(".nanos", "INVALID_VALUE", [](Message* m) { SetNumber(m, "nanos", 1); });
    add(".currency_code", "INVALID_FORMAT", [](Message* m) { SetText(m, "currency_code", "eur"); });
    add(".currency_code", "REQUIRED_FIELD", [](Message* m) { SetText(m, "currency_code", ""); });
  }
}

bool IsPlain(const google::protobuf::Descriptor* message) {
  return !message->full_name().starts_with("google.") && !message->options().map_entry();
}

// A message in another one; of several the first.
Message* PartOf(Message* message, const FieldDescriptor* field) {
  const Reflection* reflection = message->GetReflection();
  if (!field->is_repeated()) return reflection->MutableMessage(message, field);
  if (reflection->FieldSize(*message, field) == 0) return reflection->AddMessage(message, field);
  return reflection->MutableRepeatedMessage(message, field, 0);
}

// Everything that can be wrong with a message's fields by themselves.
std::vector<Wrong> WrongsOf(const google::protobuf::Descriptor* message,
                            const std::string& prefix) {
  std::vector<Wrong> wrongs = {{prefix + "54321", "UNKNOWN_FIELD", [](Message* m) {
                                  m->GetReflection()->MutableUnknownFields(m)->AddVarint(54321, 1);
                                }}};
  for (int i = 0; i < message->field_count(); ++i) {
    const FieldDescriptor* field = message->field(i);
    if (!IsSettable(field)) continue;
    const std::string path = prefix + field->name() + (field->is_repeated() ? "[0]" : "");
    if (IsRequired(field)) {
      wrongs.push_back({path, "REQUIRED_FIELD",
                        [field](Message* m) { m->GetReflection()->ClearField(m, field); }});
    }
    if (field->type() == FieldDescriptor::TYPE_STRING) {
      AddTexts(field, path, &wrongs);
    } else if (field->enum_type() != nullptr && !field->is_repeated()) {
      wrongs.push_back({path, "UNKNOWN_OPTION",
                        [field](Message* m) { m->GetReflection()->SetEnumValue(m, field, 4711); }});
    } else if (field->message_type() == nullptr) {
      AddNumbers(field, path, &wrongs);
    } else if (!IsPlain(field->message_type())) {
      if (!field->is_repeated()) AddWellKnown(field, path, &wrongs);
    } else {
      for (Wrong& inner : WrongsOf(field->message_type(), path + ".")) {
        wrongs.push_back({inner.path, inner.reason,
                          [field, spoil = inner.spoil](Message* m) { spoil(PartOf(m, field)); }});
      }
    }
  }
  return wrongs;
}

TEST(StandardLimits, EachIsToldByPathAndReason) {
  ForEachType("limits", [](Tested& tested) {
    const RecordAnswer there = tested.Create(*tested.Full(1));
    ASSERT_TRUE(there.ok()) << there;
    const auto before = tested.Hashes();
    const std::vector<Wrong> wrongs = WrongsOf(tested.type().message, "");
    EXPECT_GE(wrongs.size(), 5u);
    for (const Wrong& wrong : wrongs) {
      const std::string path = tested.PathIn(wrong.path);
      Record record = tested.Full(2);
      wrong.spoil(record.get());
      const RecordAnswer created = tested.Create(*record);
      EXPECT_EQ(created.code, grpc::StatusCode::INVALID_ARGUMENT) << path << ' ' << created;
      EXPECT_EQ(created.reason, wrong.reason) << path;
      EXPECT_THAT(created.faults, ElementsAre(Pair(path, wrong.reason)));
      if (wrong.reason == "REQUIRED_FIELD") continue;
      // The same in an update, together with all the rest that is unchanged.
      record = tested.type().Parse(there.body);
      wrong.spoil(record.get());
      const RecordAnswer updated = tested.Update(*record);
      EXPECT_EQ(updated.code, grpc::StatusCode::INVALID_ARGUMENT) << path << ' ' << updated;
      EXPECT_THAT(updated.faults, ElementsAre(Pair(path, wrong.reason)));
    }
    EXPECT_EQ(tested.Hashes(), before);
  });
}

TEST(StandardLimits, WhatIsJustWithinThemIsAccepted) {
  ForEachType("limits-within", [](Tested& tested) {
    Record smallest = tested.Full(1);
    Record largest = tested.Full(1);
    for (int i = 0; i < tested.type().message->field_count(); ++i) {
      const FieldDescriptor* field = tested.type().message->field(i);
      const auto& annotation = AnnotationOf(field);
      if (!IsSettable(field) || field->is_repeated()) continue;
      if (field->type() == FieldDescriptor::TYPE_STRING && annotation.max_length() > 0 &&
          annotation.format() == record::v1::TEXT) {
        const std::string lines = annotation.multiline() ? "a\r\n\tb\n" : "";
        const int left = annotation.max_length() - static_cast<int>(lines.size());
        SetString(largest.get(), field, lines + Letters(left));
      }
      if (field->cpp_type() != FieldDescriptor::CPPTYPE_INT32 || annotation.max() == 0) continue;
      smallest->GetReflection()->SetInt32(smallest.get(), field,
                                          static_cast<int32_t>(annotation.min()));
      largest->GetReflection()->SetInt32(largest.get(), field,
                                         static_cast<int32_t>(annotation.max()));
    }
    for (const Record* record : {&smallest, &largest}) {
      const RecordAnswer created = tested.Create(**record);
      EXPECT_TRUE(created.ok()) << created;
      EXPECT_EQ(tested.Get(tested.Name(created.body)).body, created.body);
    }
  });
}

TEST(StandardLimits, AllThatIsWrongIsToldAtOnce) {
  ForEachType("limits-all", [](Tested& tested) {
    const std::vector<Wrong> wrongs = WrongsOf(tested.type().message, "");
    Record record = tested.Full(1);
    std::map<std::string, std::string> expected;
    // One for each field: what comes later would undo what came before. An answer has room for 25.
    for (const Wrong& wrong : wrongs) {
      const std::string path = tested.PathIn(wrong.path);
      if (wrong.path.find('.') != std::string::npos || expected.size() >= 20) continue;
      if (!expected.emplace(path, wrong.reason).second) continue;
      wrong.spoil(record.get());
    }
    EXPECT_GE(expected.size(), 3u);
    const auto before = tested.Hashes();
    const RecordAnswer refused = tested.Create(*record);
    EXPECT_EQ(refused.code, grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_EQ(refused.faults, expected) << refused;
    EXPECT_EQ(tested.Hashes(), before);
  });
}

TEST(StandardLimits, ReferencesMustBeAliveAndOfTheRightType) {
  size_t references = 0;
  ForEachType("limits-reference", [&](Tested& tested) {
    for (int i = 0; i < tested.type().message->field_count(); ++i) {
      const FieldDescriptor* field = tested.type().message->field(i);
      const auto& to = AnnotationOf(field).reference().to();
      if (!IsSettable(field) || to.empty()) continue;
      Record record = tested.Full(1);
      const auto before = tested.Hashes();
      const std::string path = tested.PathIn(field->name() + (field->is_repeated() ? "[0]" : ""));
      for (const RecordType& other : tested.schema().types()) {
        const bool any =
            to[0] == "*" && (field->name() != "regarding" || other.Carries(tested.type()));
        const bool named = std::find(to.begin(), to.end(), other.collection) != to.end();
        // What another service has is known there.
        if ((any || named) && other.Service() != tested.type().Service()) continue;
        // Nobody has this id; and a type that may not be named is wrong even then.
        SetText(record.get(), field->name(), other.collection + "/" + IdOf(404));
        const RecordAnswer refused = tested.Create(*record);
        EXPECT_EQ(refused.code, grpc::StatusCode::INVALID_ARGUMENT) << path;
        EXPECT_THAT(refused.faults, ElementsAre(Pair(path, "BAD_REFERENCE"))) << refused;
        references += any || named ? 1 : 0;
      }
      EXPECT_EQ(tested.Hashes(), before);
    }
  });
  EXPECT_GE(references, 2u);
}

TEST(StandardLimits, StatusesBelongToTheirStates) {
  size_t statuses = 0;
  ForEachType("limits-status", [&](Tested& tested) {
    const FieldDescriptor* status = tested.type().message->FindFieldByName("status");
    const FieldDescriptor* state = tested.type().message->FindFieldByName("state");
    if (status == nullptr || state == nullptr) return;
    const RecordAnswer there = tested.Create(*tested.Minimal(1));
    const auto before = tested.Hashes();
    for (int i = 1; i < status->enum_type()->value_count(); ++i) {
      const auto* value = status->enum_type()->value(i);
      if (OptionOf(value).of_state() == DefaultOf(state->enum_type())->number()) continue;
      ++statuses;
      Record record = tested.Minimal(2);
      record->GetReflection()->SetEnum(record.get(), status, value);
      const RecordAnswer created = tested.Create(*record);
      EXPECT_EQ(created.code, grpc::StatusCode::INVALID_ARGUMENT) << value->name();
      EXPECT_THAT(created.faults, ElementsAre(Pair(tested.PathIn("status"), "INVALID_TRANSITION")));
      SetText(record.get(), "name", tested.Name(there.body));
      EXPECT_THAT(tested.Update(*record, {.mask = {"status"}}).faults,
                  ElementsAre(Pair(tested.PathIn("status"), "INVALID_TRANSITION")));
    }
    EXPECT_EQ(tested.Hashes(), before);
  });
  EXPECT_GE(statuses, 2u);
}

}  // namespace
}  // namespace crm::test
