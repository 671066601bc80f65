#include <gtest/gtest.h>

#include "libs/record/every_type.h"
#include "libs/record/mask.h"

// A mask on wire images must take what the same paths take by reflection.
namespace crm::record {
namespace {

using Paths = std::vector<std::string>;

void TakeEntries(const Message& from, const FieldDescriptor& field, const Paths& keys,
                 Message* onto) {
  auto entries = Entries(*onto, field), theirs = Entries(from, field);
  for (const std::string& key : keys) {
    entries.erase(key);
    if (theirs.count(key)) entries[key] = theirs[key];
  }
  onto->GetReflection()->ClearField(onto, &field);
  for (const auto& [key, entry] : entries) {
    EXPECT_TRUE(onto->GetReflection()->AddMessage(onto, &field)->ParseFromString(entry));
  }
}

// Takes what the paths name from one message into another, by reflection.
void Take(const Message& from, const Paths& paths, Message* onto) {
  const auto* reflection = from.GetReflection();
  std::map<std::string, Paths> below;
  for (const std::string& path : paths) {
    size_t dot = path.find('.');
    below[path.substr(0, dot)].push_back(dot == std::string::npos ? "" : path.substr(dot + 1));
  }
  for (const auto& [name, parts] : below) {
    const FieldDescriptor* field = from.GetDescriptor()->FindFieldByName(name);
    if (parts.front().empty()) {
      auto part = Parse(*from.GetDescriptor(), Only(from, *field));
      reflection->ClearField(onto, field);
      onto->MergeFrom(*part);
    } else if (field->is_map()) {
      TakeEntries(from, *field, parts, onto);
    } else {
      std::string before = Serialised(reflection->GetMessage(*onto, field));
      bool there = reflection->HasField(*onto, field);
      if (!there && !reflection->HasField(from, field)) continue;
      Message* nested = reflection->MutableMessage(onto, field);
      Take(reflection->GetMessage(from, field), parts, nested);
      // A message that lost its last part is not there.
      bool same = there && Serialised(*nested) == before;
      if (!same && nested->ByteSizeLong() == 0) reflection->ClearField(onto, field);
    }
  }
}

Paths RandomPaths(const MessageType& type, RandomMessage* random) {
  std::vector<std::string> paths;
  for (const Field& field : type.fields) {
    if (!random->OneIn(3)) continue;
    if (field.map && random->OneIn(2)) {
      paths.push_back(field.name + ".size");
      paths.push_back(field.name + ".a");
    } else if (field.kind == Kind::kMessage && !field.repeated && random->OneIn(2)) {
      for (const std::string& below : RandomPaths(*field.message, random))
        paths.push_back(field.name + "." + below);
    } else {
      paths.push_back(field.name);
    }
  }
  return paths;
}

TEST(MaskProperty, MasksMergeAsReflectionDoes) {
  ForAll([](const Descriptor& type, const MessageType& known, uint64_t seed) {
    RandomMessage random(seed, {.unknown_fields = false});
    auto from = Make(type), onto = Make(type);
    random.Fill(from.get());
    random.Fill(onto.get());
    Paths paths = RandomPaths(known, &random);
    std::vector<Violation> violations;
    Mask mask = Mask::Compile(known, paths, "mask", &violations);
    ASSERT_TRUE(violations.empty()) << violations[0].description;
    std::string merged = mask.Merge(Image(*from), Image(*onto));
    auto expected = Make(type);
    expected->CopyFrom(*onto);
    Take(*from, paths, expected.get());
    EXPECT_EQ(merged, Image(*expected)) << testing::PrintToString(paths);
    EXPECT_EQ(*Normalise(known, merged), merged);
    EXPECT_EQ(mask.Merge(merged, merged), merged);
  });
}

}  // namespace
}  // namespace crm::record
