#include <gtest/gtest.h>
#include <unicode/coll.h>

#include <cstdlib>

#include "libs/record/every_type.h"
#include "libs/record/key.h"

// The order of index keys must be the order of the values, as reflection and ICU see them.
namespace crm::record {
namespace {

int Sign(auto a, auto b) { return a < b ? -1 : b < a ? 1 : 0; }

bool IsCode(const FieldDescriptor& descriptor, const Field& field) {
  bool in_record =
      BuiltIn().FindTypeByMessage(descriptor.containing_type()->full_name()) != nullptr;
  return field.annotation.has_reference() || field.annotation.format() != v1::TEXT ||
         (in_record && descriptor.number() <= 15);
}

int CompareTexts(const std::string& a, const std::string& b, bool code) {
  static const std::unique_ptr<icu::Collator> collator = [] {
    UErrorCode status = U_ZERO_ERROR;
    return std::unique_ptr<icu::Collator>(
        icu::Collator::createInstance(icu::Locale::getRoot(), status));
  }();
  UErrorCode status = U_ZERO_ERROR;
  int order = code ? 0 : collator->compareUTF8(a, b, status);
  return order != 0 ? order : Sign(a, b);
}

int64_t Part(const Message& message, const char* name) {
  const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(name);
  const auto* reflection = message.GetReflection();
  return field->cpp_type() == FieldDescriptor::CPPTYPE_INT64 ? reflection->GetInt64(message, field)
                                                             : reflection->GetInt32(message, field);
}

int CompareMessages(const Message& a, const Message& b, Kind kind) {
  auto by = [&](std::initializer_list<const char*> names, int64_t cut) {
    for (const char* name : names) {
      bool last = std::string_view(name) == "nanos";
      int order = Sign(Part(a, name) / (last ? cut : 1), Part(b, name) / (last ? cut : 1));
      if (order != 0) return order;
    }
    return 0;
  };
  if (kind == Kind::kTime) return by({"seconds", "nanos"}, 1000);
  if (kind == Kind::kDate) return by({"year", "month", "day"}, 1);
  return by({"units", "nanos"}, 100'000);
}

// Like strcmp. A value that is not set comes first.
int Compare(const Message* a, const Message* b, const FieldPath& path) {
  for (size_t i = 0; i + 1 < path.size(); ++i) {
    auto enter = [&](const Message* message) -> const Message* {
      if (!message) return nullptr;
      const FieldDescriptor* field = message->GetDescriptor()->FindFieldByName(path[i]->name);
      const auto* reflection = message->GetReflection();
      return reflection->HasField(*message, field) ? &reflection->GetMessage(*message, field)
                                                   : nullptr;
    };
    a = enter(a);
    b = enter(b);
  }
  if (!a && !b) return 0;
  const Message& either = a ? *a : *b;
  const FieldDescriptor* field = either.GetDescriptor()->FindFieldByName(path.back()->name);
  const auto* x = either.GetReflection();
  bool counts = field->cpp_type() != FieldDescriptor::CPPTYPE_STRING &&
                field->cpp_type() != FieldDescriptor::CPPTYPE_ENUM && !field->has_presence();
  bool in_a = a && (counts || x->HasField(*a, field));
  bool in_b = b && (counts || x->HasField(*b, field));
  if (!in_a || !in_b) return Sign(in_a, in_b);
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return Sign(x->GetInt32(*a, field), x->GetInt32(*b, field));
    case FieldDescriptor::CPPTYPE_INT64:
      return Sign(x->GetInt64(*a, field), x->GetInt64(*b, field));
    case FieldDescriptor::CPPTYPE_UINT32:
      return Sign(x->GetUInt32(*a, field), x->GetUInt32(*b, field));
    case FieldDescriptor::CPPTYPE_UINT64:
      return Sign(x->GetUInt64(*a, field), x->GetUInt64(*b, field));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return Sign(x->GetDouble(*a, field), x->GetDouble(*b, field));
    case FieldDescriptor::CPPTYPE_FLOAT:
      return Sign(x->GetFloat(*a, field), x->GetFloat(*b, field));
    case FieldDescriptor::CPPTYPE_BOOL:
      return Sign(x->GetBool(*a, field), x->GetBool(*b, field));
    case FieldDescriptor::CPPTYPE_ENUM:
      return Sign(x->GetEnumValue(*a, field), x->GetEnumValue(*b, field));
    case FieldDescriptor::CPPTYPE_STRING:
      return CompareTexts(x->GetString(*a, field), x->GetString(*b, field),
                          IsCode(*field, *path.back()));
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return CompareMessages(x->GetMessage(*a, field), x->GetMessage(*b, field), path.back()->kind);
  }
  return 0;
}

std::string KeyOf(const Index& index, const std::string& image) {
  std::string key;
  auto spans = Spans::Read(image);
  AppendIndexValues(index, *spans, &key);
  return key;
}

// Times, days and amounts in the form that validation lets pass.
void MakeValid(Message* message) {
  const auto* reflection = message->GetReflection();
  const Descriptor* type = message->GetDescriptor();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(*message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->message_type() && !field->is_repeated())
      MakeValid(reflection->MutableMessage(message, field));
  }
  auto limit = [&](const char* name, int64_t modulus) {
    const FieldDescriptor* field = type->FindFieldByName(name);
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_INT64) {
      reflection->SetInt64(message, field, Part(*message, name) % modulus);
    } else {
      reflection->SetInt32(message, field,
                           static_cast<int32_t>(std::abs(Part(*message, name) % modulus)));
    }
  };
  if (type->full_name() == "google.protobuf.Timestamp") {
    limit("seconds", 62'135'596'800);
    limit("nanos", 1'000'000'000);
  } else if (type->full_name() == "google.type.Date") {
    limit("year", 10'000);
    limit("month", 13);
    limit("day", 32);
  } else if (type->full_name() == "google.type.Money") {
    limit("nanos", 1'000'000'000);
    const FieldDescriptor* nanos = type->FindFieldByName("nanos");
    auto rounded = static_cast<int32_t>(Part(*message, "nanos") / 100'000 * 100'000);
    reflection->SetInt32(message, nanos, Part(*message, "units") < 0 ? -rounded : rounded);
  }
}

// The declared indexes, and one by each field that could be in one.
std::vector<Index> IndexesOf(const RecordType& type) {
  std::vector<Index> indexes = type.indexes;
  auto add = [&](FieldPath path) {
    if (path.back()->repeated || path.back()->kind == Kind::kMessage ||
        path.back()->kind == Kind::kBytes)
      return;
    Index& index = indexes.emplace_back();
    index.by.push_back(std::move(path));
  };
  for (const Field& field : type.message->fields) {
    add({&field});
    if (field.kind != Kind::kMessage || field.repeated) continue;
    for (const Field& below : field.message->fields) add({&field, &below});
  }
  return indexes;
}

TEST(KeyProperty, KeysSortAsTheirValues) {
  uint64_t first = FirstSeed();
  int compared = 0;
  for (const RecordType* type : BuiltIn().Types()) {
    const Descriptor* descriptor = BuiltIn().pool().FindMessageTypeByName(type->message->full_name);
    std::vector<Index> indexes = IndexesOf(*type);
    for (uint64_t seed = first; seed < first + 150; ++seed) {
      SCOPED_TRACE(type->collection + ", RECALL_SEED=" + std::to_string(seed));
      RandomMessage random(seed);
      auto a = Make(*descriptor), b = Make(*descriptor);
      random.Fill(a.get());
      b->CopyFrom(*a);
      random.OneIn(3) ? random.Fill(b.get()) : random.Alter(b.get());
      MakeValid(a.get());
      MakeValid(b.get());
      auto image_a = Normalise(*type->message, a->SerializeAsString());
      auto image_b = Normalise(*type->message, b->SerializeAsString());
      ASSERT_TRUE(image_a && image_b);
      for (const Index& index : indexes) {
        int expected = 0;
        for (size_t i = 0; i < index.by.size() && expected == 0; ++i)
          expected = Compare(a.get(), b.get(), index.by[i]);
        int order = KeyOf(index, *image_a).compare(KeyOf(index, *image_b));
        ASSERT_EQ(Sign(order, 0), Sign(expected, 0)) << index.by[0].back()->name;
        ++compared;
      }
    }
  }
  EXPECT_GT(compared, 10'000);
}

}  // namespace
}  // namespace crm::record
