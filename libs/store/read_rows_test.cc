#include "libs/store/read_rows.h"

#include <gtest/gtest.h>

#include "libs/store/example_commits.h"

namespace crm::store {
namespace {

std::string KeyOf(uint64_t number) {
  std::string key;
  AppendRecordKey({1, 7, example::Id(number)}, &key);
  return key;
}

TEST(ReadRows, GiveWhatWasKeptUntilItIsTaken) {
  ReadRows rows;
  EXPECT_EQ(rows.Find(KeyOf(1)), nullptr);
  EXPECT_FALSE(rows.Take(KeyOf(1)));
  rows.Keep(KeyOf(1), "one");
  ASSERT_NE(rows.Find(KeyOf(1)), nullptr);
  EXPECT_EQ(*rows.Find(KeyOf(1)), "one");
  EXPECT_EQ(rows.Find(KeyOf(2)), nullptr);
  EXPECT_EQ(rows.Take(KeyOf(1)), "one");
  EXPECT_EQ(rows.Find(KeyOf(1)), nullptr);
  EXPECT_FALSE(rows.Take(KeyOf(1)));
}

TEST(ReadRows, KeepARecordThatIsThereWithoutAnImage) {
  ReadRows rows;
  rows.Keep(KeyOf(1), "");
  EXPECT_EQ(rows.Take(KeyOf(1)), "");
}

TEST(ReadRows, NeverGiveOneRecordsRowForAnother) {
  ReadRows rows;
  constexpr uint64_t kMany = 10'000;  // more than have a place
  for (uint64_t i = 0; i < kMany; ++i) rows.Keep(KeyOf(i), std::to_string(i));
  int found = 0;
  for (uint64_t i = 0; i < kMany; ++i) {
    const auto row = rows.Take(KeyOf(i));
    if (!row) continue;
    ++found;
    EXPECT_EQ(*row, std::to_string(i));
  }
  EXPECT_GT(found, 0);
}

TEST(ReadRows, LeaveLargeOnesAlone) {
  ReadRows rows;
  rows.Keep(KeyOf(1), std::string(1 << 20, 'x'));
  EXPECT_EQ(rows.Find(KeyOf(1)), nullptr);
}

TEST(ReadRows, KeepNothingOnceCleared) {
  ReadRows rows;
  rows.Keep(KeyOf(1), "one");
  rows.Clear();
  EXPECT_EQ(rows.Find(KeyOf(1)), nullptr);
}

}  // namespace
}  // namespace crm::store
