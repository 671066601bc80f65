#include "libs/record/calendar.h"

#include <gtest/gtest.h>

#include "libs/record/image.h"

namespace crm::record {
namespace {

TEST(Calendar, Days) {
  EXPECT_TRUE(IsDay(2024, 2, 29));
  EXPECT_FALSE(IsDay(2023, 2, 29));
  EXPECT_FALSE(IsDay(1900, 2, 29));
  EXPECT_FALSE(IsDay(2024, 13, 1));
  EXPECT_FALSE(IsDay(0, 1, 1));
  EXPECT_EQ(DaysFromCivil(1970, 1, 1), 0);
  EXPECT_EQ(DaysFromCivil(2000, 3, 1), 11'017);
  EXPECT_EQ(DaysFromCivil(1, 1, 1), -719'162);
}

TEST(Calendar, Times) {
  EXPECT_EQ(ParseTime("2023-11-14T22:13:20.123456Z"), 1'700'000'000'123'456);
  EXPECT_EQ(ParseTime("2023-11-15T00:13:20+02:00"), 1'700'000'000'000'000);
  EXPECT_EQ(ParseTime("2023-11-14T20:13:20.5-02:00"), 1'700'000'000'500'000);
  EXPECT_EQ(ParseTime("2023-11-14T22:13:20.123456789Z"), 1'700'000'000'123'456);
  for (std::string_view bad :
       {"", "2023-11-14", "2023-11-14T22:13:20", "2023-02-30T00:00:00Z", "2023-11-14T24:00:00Z",
        "2023-11-14T22:13:20.Z", "2023-11-14T22:13:20Zx", "2023-11-14T22:13:20+2:00"}) {
    EXPECT_FALSE(ParseTime(bad)) << bad;
  }
  EXPECT_EQ(ParseTime(TimeText(-1)), -1);
}

}  // namespace
}  // namespace crm::record
