#include "libs/store/row_list.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>

namespace crm::store {
namespace {

using Rows = std::map<std::string, std::string>;

Rows RowsOf(const RowList& list) {
  Rows rows;
  std::string last;
  for (const auto& row : list.rows()) {
    const std::string key(row.Key());
    EXPECT_LE(last, key);
    last = key;
    rows[key] = std::string(row.Head()) + std::string(row.rest);
  }
  return rows;
}

// Keys of few different bytes, zeros among them, so that many begin alike and some end within
// others.
std::string RandomKey(std::mt19937& random, size_t longest) {
  std::string key(random() % (longest + 1), '\0');
  for (auto& byte : key) {
    if (random() % 4 == 0) byte = static_cast<char>(random() % 3 * 127);
  }
  return key;
}

class Sorted : public testing::TestWithParam<std::tuple<size_t, size_t>> {};

TEST_P(Sorted, ByKeysTheLastOfEqualOnesIsTheLast) {
  const auto [count, longest] = GetParam();
  std::mt19937 random(1);
  Arena arena;
  const std::string common = "common";
  for (const size_t skipped : {size_t{0}, common.size()}) {
    RowList list(skipped);
    Rows wanted;
    for (size_t i = 0; i < count; ++i) {
      const std::string key = common + RandomKey(random, longest);
      const std::string value = std::to_string(i);
      list.Add(&arena, key, value);
      wanted[key] = value;
    }
    list.Sort();
    EXPECT_EQ(RowsOf(list), wanted);
  }
}

INSTANTIATE_TEST_SUITE_P(Sizes, Sorted,
                         testing::Combine(testing::Values(0, 1, 2, 20, 500, 5000),
                                          testing::Values(0, 1, 7, 8, 9, 17, 40)));

TEST(Sorted, ByLongKeysThatDifferAtTheEnd) {
  Arena arena;
  RowList list;
  Rows wanted;
  const std::string begin(100'000, 'x');
  for (int i = 100; i < 200; ++i) {
    const std::string key = begin + std::to_string(i * 37 % 100);
    list.Add(&arena, key, std::to_string(i));
    wanted[key] = std::to_string(i);
  }
  list.Sort();
  EXPECT_EQ(RowsOf(list), wanted);
}

TEST(Sorted, AcrossAppendedLists) {
  Arena arena;
  RowList first, second;
  first.Add(&arena, "a", "1");
  first.Add(&arena, "c", "1");
  second.Add(&arena, "b", "2");
  second.Add(&arena, "c", "2", "2");
  first.Append(second);
  first.Sort();
  EXPECT_EQ(RowsOf(first), (Rows{{"a", "1"}, {"b", "2"}, {"c", "22"}}));
}

}  // namespace
}  // namespace crm::store
