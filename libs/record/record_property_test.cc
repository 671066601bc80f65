#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/message_differencer.h>
#include <google/protobuf/util/type_resolver_util.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>

#include "libs/record/built_in.h"
#include "libs/record/canonical.h"
#include "libs/record/changed.h"
#include "libs/record/image.h"
#include "libs/record/json.h"
#include "libs/record/key.h"
#include "libs/record/mask.h"
#include "libs/record/random_message.h"
#include "libs/record/validate.h"

// What works on wire images must do what protobuf's reflection does, for every message type and
// random content.
namespace crm::record {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr int kRounds = 40;

const Catalogue& BuiltIn() {
  static const auto catalogue = BuiltInCatalogue();
  return **catalogue;
}

google::protobuf::DynamicMessageFactory& Factory() {
  static google::protobuf::DynamicMessageFactory factory(&BuiltIn().pool());
  return factory;
}

std::unique_ptr<Message> Make(const Descriptor& type) {
  return std::unique_ptr<Message>(Factory().GetPrototype(&type)->New());
}

std::unique_ptr<Message> Parse(const Descriptor& type, const std::string& bytes) {
  auto message = Make(type);
  EXPECT_TRUE(message->ParseFromString(bytes));
  return message;
}

std::string Serialised(const Message& message) {
  std::string bytes;
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  message.SerializeToCodedStream(&coded);
  coded.Trim();
  return bytes;
}

std::string Image(const Message& message) {
  auto image = Normalise(*BuiltIn().FindMessage(message.GetDescriptor()->full_name()),
                         message.SerializeAsString());
  EXPECT_TRUE(image) << image.error().text;
  return *image;
}

// RECALL_SEED repeats the run that a failure names.
uint64_t FirstSeed() {
  const char* given = std::getenv("RECALL_SEED");
  return given ? std::strtoull(given, nullptr, 10) : 1;
}

void ForEachType(const Descriptor& type, const std::function<void(const Descriptor&)>& visit) {
  if (!type.options().map_entry()) visit(type);
  for (int i = 0; i < type.nested_type_count(); ++i) ForEachType(*type.nested_type(i), visit);
}

// Calls `check` with each type of the catalogue and random numbers, with the seed in the trace.
void ForAll(
    const std::function<void(const Descriptor&, const MessageType&, uint64_t seed)>& check) {
  google::protobuf::FileDescriptorSet files;
  ASSERT_TRUE(files.ParseFromString(BuiltIn().descriptors()));
  int types = 0;
  for (const auto& file : files.file()) {
    const auto* descriptor = BuiltIn().pool().FindFileByName(file.name());
    for (int i = 0; i < descriptor->message_type_count(); ++i) {
      ForEachType(*descriptor->message_type(i), [&](const Descriptor& type) {
        const MessageType* known = BuiltIn().FindMessage(type.full_name());
        if (!known || testing::Test::HasFailure()) return;
        ++types;
        for (uint64_t seed = FirstSeed(); seed < FirstSeed() + kRounds; ++seed) {
          SCOPED_TRACE(type.full_name() + ", RECALL_SEED=" + std::to_string(seed));
          check(type, *known, seed);
          if (testing::Test::HasFailure()) return;
        }
      });
    }
  }
  EXPECT_TRUE(types > 40 || testing::Test::HasFailure());
}

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
    std::string spelling = random.Respell(type, plain);
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

// The bytes of one field alone.
std::string Only(const Message& message, const FieldDescriptor& field) {
  std::unique_ptr<Message> copy(message.New());
  copy->CopyFrom(message);
  const auto* reflection = copy->GetReflection();
  reflection->MutableUnknownFields(copy.get())->Clear();
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    if (message.GetDescriptor()->field(i) != &field)
      reflection->ClearField(copy.get(), message.GetDescriptor()->field(i));
  }
  return Serialised(*copy);
}

std::map<std::string, std::string> Entries(const Message& message, const FieldDescriptor& field) {
  std::map<std::string, std::string> entries;
  for (int i = 0; i < message.GetReflection()->FieldSize(message, &field); ++i) {
    const Message& entry = message.GetReflection()->GetRepeatedMessage(message, &field, i);
    entries[entry.GetReflection()->GetString(entry, entry.GetDescriptor()->map_key())] =
        Serialised(entry);
  }
  return entries;
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

TEST(RecordProperty, MasksMergeAsReflectionDoes) {
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

TEST(RecordProperty, DamagedBytesAreRefusedOrReadSafely) {
  ForAll([](const Descriptor& type, const MessageType& known, uint64_t seed) {
    RandomMessage random(seed);
    auto message = Make(type);
    random.Fill(message.get());
    std::string bytes = message->SerializeAsString();
    for (int i = 0; i < 20 && !bytes.empty(); ++i) {
      std::string damaged = bytes;
      for (uint64_t n = 1 + random.Below(3); n > 0; --n) {
        damaged[random.Below(damaged.size())] = static_cast<char>(random.Below(256));
      }
      if (random.OneIn(3)) damaged.resize(random.Below(damaged.size() + 1));
      auto image = Normalise(known, damaged);
      if (!image) continue;
      // What is accepted means the same to protobuf, and nothing that reads it breaks.
      EXPECT_EQ(*Normalise(known, *image), *image);
      EXPECT_TRUE(Make(type)->ParseFromString(*image));
      EXPECT_FALSE(ToJson(known, *image).empty());
      std::vector<Violation> wrong = Validate(known, *image, "record.");
      EXPECT_LE(InvalidArgument(wrong).ByteSizeLong(), size_t{6} << 10);
      EXPECT_EQ(ChangedPaths(known, *image, *image).size(), 0u);
    }
  });
}

TEST(RecordProperty, JsonIsProtobufs) {
  std::unique_ptr<google::protobuf::util::TypeResolver> resolver(
      google::protobuf::util::NewTypeResolverForDescriptorPool("type.googleapis.com",
                                                               &BuiltIn().pool()));
  ForAll([&](const Descriptor& type, const MessageType& known, uint64_t seed) {
    RandomMessage random(seed, {.for_json = true});
    auto message = Make(type);
    random.Fill(message.get());
    std::string image = Image(*message), expected;
    auto status = google::protobuf::util::BinaryToJsonString(
        resolver.get(), "type.googleapis.com/" + type.full_name(), image, &expected);
    ASSERT_TRUE(status.ok()) << status.ToString();
    EXPECT_EQ(ToJson(known, image), expected);
  });
}

}  // namespace
}  // namespace crm::record
