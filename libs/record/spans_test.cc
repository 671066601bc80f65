#include "libs/record/spans.h"

#include <gtest/gtest.h>

namespace crm::record {
namespace {

TEST(Spans, FindsFieldsOfARecord) {
  std::string image;
  AppendBytesField(1, "leads/1", &image);
  AppendVarintField(8, 3, &image);
  AppendBytesField(13, "a", &image);
  AppendBytesField(13, "b", &image);
  AppendBytesField(203, "Ionescu", &image);
  auto spans = Spans::Read(image);
  ASSERT_TRUE(spans);
  EXPECT_EQ(spans->Text(1), "leads/1");
  EXPECT_EQ(spans->Integer(8), 3u);
  EXPECT_EQ(spans->Text(203), "Ionescu");
  EXPECT_EQ(spans->Text(13), "b");
  ASSERT_EQ(spans->All(13).size(), 2u);
  EXPECT_EQ(spans->All(13)[0].payload, "a");
  EXPECT_TRUE(spans->All(14).empty());
  EXPECT_FALSE(spans->Has(2));
  EXPECT_EQ(spans->Text(8), "");
  EXPECT_EQ(spans->Integer(1), 0u);
}

TEST(Spans, KeepsMoreFieldsThanFitInline) {
  std::string image;
  for (uint32_t number = 1; number <= 300; ++number) AppendVarintField(number, number * 7, &image);
  auto spans = Spans::Read(image);
  ASSERT_TRUE(spans);
  ASSERT_EQ(spans->all().size(), 300u);
  for (uint32_t number = 1; number <= 300; ++number) EXPECT_EQ(spans->Integer(number), number * 7);
  Spans copy = *spans;
  EXPECT_EQ(copy.Integer(48), 48u * 7);
}

TEST(Spans, TheLastValueWinsInAnyOrder) {
  std::string image;
  AppendVarintField(9, 1, &image);
  AppendVarintField(2, 5, &image);
  AppendVarintField(9, 2, &image);
  auto spans = Spans::Read(image);
  ASSERT_TRUE(spans);
  EXPECT_EQ(spans->Integer(9), 2u);
  EXPECT_EQ(spans->Integer(2), 5u);
}

TEST(Spans, OneFieldIsTheSameAsAmongAll) {
  std::string image;
  AppendBytesField(2, "17", &image);
  AppendVarintField(8, 3, &image);
  AppendBytesField(13, "a", &image);
  AppendBytesField(13, "b", &image);
  AppendBytesField(203, "Ionescu", &image);
  const auto spans = Spans::Read(image);
  ASSERT_TRUE(spans);
  for (uint32_t number = 1; number <= 210; ++number) {
    EXPECT_EQ(TextIn(image, number), spans->Text(number)) << number;
    EXPECT_EQ(IntegerIn(image, number), spans->Integer(number)) << number;
    EXPECT_EQ(IsSetIn(image, number), spans->Has(number)) << number;
  }
  EXPECT_EQ(TextIn(image, 13), "b");
  EXPECT_EQ(IntegerIn(image, 8), 3u);
}

TEST(Spans, AFieldIsTheSameInTwoImagesIfItsBytesAre) {
  std::string one, other;
  AppendBytesField(1, "leads/1", &one);
  AppendVarintField(8, 3, &one);
  AppendBytesField(1, "leads/1", &other);
  AppendVarintField(8, 4, &other);
  AppendVarintField(9, 1, &other);
  const auto spans = Spans::Read(one);
  const auto others = Spans::Read(other);
  EXPECT_TRUE(SameField(spans->Find(1), others->Find(1)));
  EXPECT_FALSE(SameField(spans->Find(8), others->Find(8)));
  EXPECT_FALSE(SameField(spans->Find(9), others->Find(9)));
  EXPECT_FALSE(SameField(others->Find(9), spans->Find(9)));
  EXPECT_TRUE(SameField(spans->Find(10), others->Find(10)));
}

TEST(Spans, RefusesMalformedBytes) {
  EXPECT_FALSE(Spans::Read("\x0a\x05go"));
  EXPECT_TRUE(Spans::Read(""));
}

}  // namespace
}  // namespace crm::record
