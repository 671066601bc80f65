#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/type_resolver_util.h>
#include <gtest/gtest.h>

#include "libs/record/changed.h"
#include "libs/record/every_type.h"
#include "libs/record/json.h"
#include "libs/record/validate.h"

// JSON must be protobuf's own, and damaged bytes must break nothing.
namespace crm::record {
namespace {

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

TEST(JsonProperty, IsProtobufs) {
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
