#include "libs/record/wire.h"

#include <gtest/gtest.h>

namespace crm::record {
namespace {

TEST(WireReader, ReadsEachType) {
  std::string bytes;
  AppendVarintField(1, 300, &bytes);
  AppendBytesField(200, "text", &bytes);
  AppendTag(3, WireType::kFixed32, &bytes);
  bytes.append("\x01\x00\x00\x00", 4);
  AppendTag(4, WireType::kFixed64, &bytes);
  bytes.append("\x02\x00\x00\x00\x00\x00\x00\x80", 8);

  WireReader reader(bytes);
  ASSERT_TRUE(reader.Next());
  EXPECT_EQ(reader.number(), 1u);
  EXPECT_EQ(reader.varint(), 300u);
  ASSERT_TRUE(reader.Next());
  EXPECT_EQ(reader.number(), 200u);
  EXPECT_EQ(reader.payload(), "text");
  EXPECT_EQ(reader.whole().size(), 7u);
  ASSERT_TRUE(reader.Next());
  EXPECT_EQ(reader.varint(), 1u);
  ASSERT_TRUE(reader.Next());
  EXPECT_EQ(reader.varint(), 0x8000000000000002u);
  EXPECT_FALSE(reader.Next());
  EXPECT_TRUE(reader.ok());
}

TEST(WireReader, RefusesMalformedBytes) {
  using namespace std::string_literals;
  const std::string malformed[] = {
      "\x08"s,                                              // no value
      "\x08\xff"s,                                          // a varint that does not end
      "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"s,  // one of eleven bytes
      "\x00\x01"s,                                          // field 0
      "\x0a\x05go"s,                                        // shorter than it says
      "\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"s,      // longer than memory
      "\x0b\x0c"s,                                          // a group
      "\x0e"s,
      "\x0f"s,  // no such types
      "\x09\x01\x02"s,
      "\x0d\x01"s,                  // cut fixed numbers
      "\xff\xff\xff\xff\x7f\x00"s,  // a tag of more than 32 bits
  };
  for (const std::string& bytes : malformed) {
    WireReader reader(bytes);
    EXPECT_FALSE(reader.Next());
    EXPECT_FALSE(reader.ok()) << testing::PrintToString(bytes);
  }
}

}  // namespace
}  // namespace crm::record
