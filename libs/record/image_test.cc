#include "libs/record/image.h"

#include <gtest/gtest.h>

#include "crm/sales/v1/lead.pb.h"
#include "libs/record/built_in.h"

namespace crm::record {
namespace {

const MessageType& Type(const char* full_name) {
  static const auto catalogue = BuiltInCatalogue();
  const MessageType* type = (*catalogue)->FindMessage(full_name);
  EXPECT_TRUE(type) << full_name;
  return *type;
}

TEST(Normalise, SortsAndMergesAndDropsDefaults) {
  std::string bytes;
  AppendBytesField(203, "Ionescu", &bytes);
  AppendBytesField(400, "unknown", &bytes);
  AppendVarintField(8, 1, &bytes);
  AppendBytesField(16, "first", &bytes);
  AppendBytesField(214, "\x2a\x04Iasi", &bytes);  // address1.city
  AppendBytesField(16, "second", &bytes);
  AppendVarintField(8, 2, &bytes);
  AppendVarintField(29, 0, &bytes);
  AppendBytesField(214, "\x0a\x02HQ", &bytes);  // address1.title

  crm::sales::v1::Lead lead;
  lead.set_last_name("Ionescu");
  lead.set_state(crm::sales::v1::Lead::STATE_QUALIFIED);
  lead.set_subject("second");
  lead.mutable_address1()->set_city("Iasi");
  lead.mutable_address1()->set_title("HQ");
  std::string expected = lead.SerializeAsString();
  AppendBytesField(400, "unknown", &expected);

  auto image = Normalise(Type("crm.sales.v1.Lead"), bytes);
  ASSERT_TRUE(image) << image.error().text;
  EXPECT_EQ(*image, expected);
  EXPECT_EQ(*Normalise(Type("crm.sales.v1.Lead"), *image), *image);
}

TEST(Normalise, WritesMapsByKeyWithBothParts) {
  std::string bytes;
  AppendBytesField(15, std::string("\x0a\x01") + "b" + "\x12\x03\x0a\x01x", &bytes);
  AppendBytesField(15, std::string("\x12\x02\x28\x01\x0a\x01") + "a", &bytes);
  AppendBytesField(15, std::string("\x0a\x01") + "b" + "\x12\x02\x10\x05", &bytes);
  AppendBytesField(15, std::string("\x0a\x01") + "c", &bytes);
  std::string expected;
  AppendBytesField(15, std::string("\x0a\x01") + "a" + "\x12\x02\x28\x01", &expected);
  AppendBytesField(15, std::string("\x0a\x01") + "b" + "\x12\x02\x10\x05", &expected);
  AppendBytesField(15, std::string("\x0a\x01") + "c" + std::string("\x12\x00", 2), &expected);
  auto image = Normalise(Type("crm.sales.v1.Lead"), bytes);
  ASSERT_TRUE(image) << image.error().text;
  EXPECT_EQ(*image, expected);
}

TEST(Normalise, KeepsTheLastMemberOfAOneof) {
  std::string bytes;
  AppendBytesField(6, "\x08\x01", &bytes);  // time
  AppendVarintField(2, 7, &bytes);          // integer empties it
  AppendBytesField(6, "\x10\x05", &bytes);  // time again, without the seconds
  auto image = Normalise(Type("crm.record.v1.Value"), bytes);
  ASSERT_TRUE(image);
  EXPECT_EQ(*image, "\x32\x02\x10\x05");
  bytes.clear();
  AppendVarintField(5, 0, &bytes);  // an unset flag is a flag all the same
  EXPECT_EQ(*Normalise(Type("crm.record.v1.Value"), bytes), std::string("\x28\x00", 2));
}

TEST(Normalise, WritesNumbersShort) {
  using namespace std::string_literals;
  const MessageType& lead = Type("crm.sales.v1.Lead");
  EXPECT_EQ(*Normalise(lead, "\xc8\x80\x00\x81\x80\x00"s),
            "\x48\x01"s);                                         // status, overlong tag and number
  EXPECT_EQ(*Normalise(lead, "\xe8\x01\x05"s), "\xe8\x01\x01"s);  // do_not_email: 5 is true
  EXPECT_EQ(*Normalise(lead, "\xc0\x01\xff\xff\xff\xff\x1f"s),
            "\xc0\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"s);
}

TEST(Normalise, RefusesWhatIsNoImage) {
  const MessageType& lead = Type("crm.sales.v1.Lead");
  std::string bytes;
  AppendBytesField(16, "\xc3\x28", &bytes);
  auto text = Normalise(lead, bytes);
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().text, "crm.sales.v1.Lead.subject: is no UTF-8");
  bytes.clear();
  AppendVarintField(16, 5, &bytes);
  EXPECT_FALSE(Normalise(lead, bytes));
  bytes.clear();
  AppendBytesField(214, "\x2a\x09Iasi", &bytes);
  EXPECT_FALSE(Normalise(lead, bytes));
  EXPECT_FALSE(Normalise(lead, "\x0a"));
}

TEST(ImageEdit, SetsEmptiesAndKeeps) {
  std::string image;
  AppendBytesField(1, "leads/1", &image);
  AppendVarintField(8, 1, &image);
  AppendBytesField(13, "a", &image);
  AppendBytesField(13, "b", &image);
  AppendBytesField(203, "Ionescu", &image);
  std::string edited = ImageEdit(image)
                           .SetText(2, "7")
                           .SetInteger(8, 2)
                           .Clear(13)
                           .SetTime(4, 1'500'000)
                           .SetText(203, "Popescu")
                           .SetMessage(214, "")
                           .SetInteger(9, 0)
                           .SetText(203, "Pop")
                           .Build();
  std::string expected;
  AppendBytesField(1, "leads/1", &expected);
  AppendBytesField(2, "7", &expected);
  AppendBytesField(4, TimestampBytes(1'500'000), &expected);
  AppendVarintField(8, 2, &expected);
  AppendBytesField(203, "Pop", &expected);
  AppendBytesField(214, "", &expected);
  EXPECT_EQ(edited, expected);
  EXPECT_EQ(ImageEdit(image).Build(), image);
  EXPECT_EQ(ImageEdit("").SetText(1, "x").Build(), "\x0a\x01x");
}

TEST(Time, GoesBackAndForth) {
  for (int64_t micros : {int64_t{0}, int64_t{1}, int64_t{-1}, int64_t{1'700'000'000'123'456},
                         int64_t{-62'135'596'800'000'000}}) {
    EXPECT_EQ(TimeOf(TimestampBytes(micros)), micros);
  }
  google::protobuf::Timestamp timestamp;
  ASSERT_TRUE(timestamp.ParseFromString(TimestampBytes(-1)));
  EXPECT_EQ(timestamp.seconds(), -1);
  EXPECT_EQ(timestamp.nanos(), 999'999'000);
  EXPECT_EQ(TimeText(1'700'000'000'123'456), "2023-11-14T22:13:20.123456Z");
  EXPECT_EQ(TimeText(-62'135'596'800'000'000), "0001-01-01T00:00:00.000000Z");
  EXPECT_EQ(TimeOf("\xff"), 0);
}

}  // namespace
}  // namespace crm::record
