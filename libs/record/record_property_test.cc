#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include "libs/record/canonical.h"
#include "libs/record/changed.h"
#include "libs/record/every_type.h"
#include "libs/record/json.h"
#include "libs/record/respelling.h"

// What works on wire images must do what protobuf's reflection does, for every message type and
// random content.
namespace crm::record {
namespace {

TEST(RecordProperty, NormaliseKeepsTheMessageAndHasOneForm) {
  ForAll([](const Descriptor& type, const MessageType& known, uint64_t seed) {
    RandomMessage random(seed);
    auto message = Make(type);
    random.Fill(message.get());
    std::string plain = message->SerializeAsString();
    auto image = Normalise(known, plain);
    ASSERT_TRUE(image) << image.error().text;
    EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(*Parse(type, plain),
                                                                   *Parse(type, *image)));
    EXPECT_EQ(*Normalise(known, *image), *image);
    EXPECT_TRUE(IsCanonical(known, *image));
    std::string spelling = Respelling(seed).Respell(type, plain);
    auto respelled = Normalise(known, spelling);
    ASSERT_TRUE(respelled) << respelled.error().text;
    EXPECT_EQ(*respelled, *image);
    EXPECT_EQ(IsCanonical(known, spelling), spelling == *image);
    // Without unknown fields and maps protobuf writes the canonical form itself.
    RandomMessage known_only(seed, {.unknown_fields = false});
    auto second = Make(type);
    known_only.Fill(second.get());
    EXPECT_EQ(Image(*second), Serialised(*second));
  });
}

TEST(RecordProperty, SpansShowWhatIsSet) {
  ForAll([](const Descriptor& type, const MessageType&, uint64_t seed) {
    RandomMessage random(seed);
    auto message = Make(type);
    random.Fill(message.get());
    std::string image = Image(*message);
    auto spans = Spans::Read(image);
    ASSERT_TRUE(spans);
    const auto* reflection = message->GetReflection();
    for (int i = 0; i < type.field_count(); ++i) {
      const FieldDescriptor* field = type.field(i);
      auto number = static_cast<uint32_t>(field->number());
      if (field->is_repeated()) {
        bool one = field->is_packed();
        size_t size = static_cast<size_t>(reflection->FieldSize(*message, field));
        EXPECT_EQ(spans->All(number).size(), one ? size > 0 : size) << field->name();
        continue;
      }
      EXPECT_EQ(spans->Has(number), reflection->HasField(*message, field)) << field->name();
      if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
        EXPECT_EQ(spans->Text(number), reflection->GetString(*message, field));
      } else if (field->type() == FieldDescriptor::TYPE_INT64) {
        EXPECT_EQ(static_cast<int64_t>(spans->Integer(number)),
                  reflection->GetInt64(*message, field));
      } else if (field->type() == FieldDescriptor::TYPE_INT32) {
        EXPECT_EQ(static_cast<int32_t>(spans->Integer(number)),
                  reflection->GetInt32(*message, field));
      }
    }
  });
}

std::vector<std::string> FieldsThatDiffer(const Message& before, const Message& after) {
  std::vector<std::string> names;
  const Descriptor* type = before.GetDescriptor();
  std::vector<const FieldDescriptor*> fields;
  for (int i = 0; i < type->field_count(); ++i) fields.push_back(type->field(i));
  std::sort(fields.begin(), fields.end(),
            [](auto* a, auto* b) { return a->number() < b->number(); });
  for (const FieldDescriptor* field : fields) {
    if (Only(before, *field) != Only(after, *field)) names.push_back(field->name());
  }
  return names;
}

std::vector<std::string> ReferencePaths(const Message& before, const Message& after) {
  std::vector<std::string> paths;
  for (const std::string& name : FieldsThatDiffer(before, after)) {
    const FieldDescriptor* field = before.GetDescriptor()->FindFieldByName(name);
    if (BuiltIn().FindTypeByMessage(before.GetDescriptor()->full_name()) &&
        (name == "name" || name == "etag" || name == "update_time" || name == "update_user"))
      continue;
    const Field* known = BuiltIn().FindMessage(before.GetDescriptor()->full_name())->Find(name);
    if (field->is_map()) {
      auto from = Entries(before, *field), to = Entries(after, *field);
      std::map<std::string, std::string> all(from);
      all.insert(to.begin(), to.end());
      for (const auto& [key, entry] : all) {
        if (!from.count(key) || !to.count(key) || from[key] != to[key])
          paths.push_back(name + (key.empty() ? "" : "." + key));
      }
    } else if (field->is_repeated() || known->kind != Kind::kMessage) {
      paths.push_back(name);
    } else {
      auto below = FieldsThatDiffer(before.GetReflection()->GetMessage(before, field),
                                    after.GetReflection()->GetMessage(after, field));
      for (const std::string& part : below) paths.push_back(name + "." + part);
      if (below.empty()) paths.push_back(name);
    }
  }
  return paths;
}

TEST(RecordProperty, ChangedPathsAreThoseOfReflection) {
  ForAll([](const Descriptor& type, const MessageType& known, uint64_t seed) {
    RandomMessage random(seed, {.unknown_fields = false});
    auto before = Make(type), after = Make(type);
    random.Fill(before.get());
    after->CopyFrom(*before);
    random.Alter(after.get());
    auto paths = ChangedPaths(known, Image(*before), Image(*after));
    EXPECT_EQ(paths, ReferencePaths(*before, *after));
    auto changes = FieldChanges(known, Image(*before), Image(*after));
    ASSERT_EQ(changes.size(), paths.size());
    for (size_t i = 0; i < paths.size(); ++i) {
      EXPECT_EQ(changes[i].path(), paths[i]);
      EXPECT_TRUE(changes[i].has_from() || changes[i].has_to());
      const Field* field = known.Find(paths[i]);
      if (!field || !field->repeated) continue;
      const FieldDescriptor* described = type.FindFieldByName(field->name);
      auto json = [&](const Message& side) {
        std::string bytes = Image(*Parse(type, Only(side, *described)));
        return bytes.empty() ? "" : FieldJson(*field, bytes);
      };
      EXPECT_TRUE(field->map || changes[i].from().json() == json(*before));
      EXPECT_TRUE(field->map || changes[i].to().json() == json(*after));
    }
  });
}

}  // namespace
}  // namespace crm::record
