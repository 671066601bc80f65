#include "libs/record/money.h"

#include <google/type/money.pb.h>
#include <gtest/gtest.h>

namespace crm::record {
namespace {

google::type::Money Of(const std::string& currency, int64_t units, int32_t nanos) {
  google::type::Money money;
  money.set_currency_code(currency);
  money.set_units(units);
  money.set_nanos(nanos);
  return money;
}

TEST(Money, IsReadAndWrittenAsProtobufDoes) {
  for (const auto& each :
       {Of("EUR", 0, 0), Of("EUR", 12, 345'600'000), Of("USD", -12, -345'600'000),
        Of("USD", 0, -100'000), Of("", 922'337'203'685'477, 999'900'000)}) {
    const std::string bytes = each.SerializeAsString();
    const Money money = Money::Read(bytes);
    EXPECT_EQ(money.currency, each.currency_code());
    EXPECT_EQ(money.units(), each.units());
    EXPECT_EQ(money.Bytes(), bytes) << each.ShortDebugString();
  }
}

TEST(Money, CountsTenThousandths) {
  EXPECT_TRUE(Money::Read(Of("EUR", 2, 500'100'000).SerializeAsString()).parts == 25'001);
  EXPECT_TRUE(Money::Read(Of("EUR", -2, -500'100'000).SerializeAsString()).parts == -25'001);
}

TEST(Money, WhatIsMalformedCountsAsAbsent) {
  EXPECT_TRUE(Money::Read("\xff").parts == 0);
  EXPECT_EQ(Money::Read("\xff").currency, "");
}

TEST(Money, IsRoundedHalfAwayFromZero) {
  EXPECT_TRUE(DivideRounded(25, 10) == 3);
  EXPECT_TRUE(DivideRounded(24, 10) == 2);
  EXPECT_TRUE(DivideRounded(-25, 10) == -3);
  EXPECT_TRUE(DivideRounded(-24, 10) == -2);
}

}  // namespace
}  // namespace crm::record
