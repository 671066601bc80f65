#include "libs/runtime/rebuild.h"

#include <gtest/gtest.h>

namespace crm::runtime {
namespace {

TEST(Rebuild, SaysHowFarItIs) {
  EXPECT_EQ(Describe({0, 0, 200, 0}), "0 % of 200");
  EXPECT_EQ(Describe({0, 620, 1000, 10}), "62 % of 1000, about 7 s left");
  // What was there before says nothing about how fast it goes.
  EXPECT_EQ(Describe({500, 600, 1000, 2}), "60 % of 1000, about 8 s left");
  EXPECT_EQ(Describe({0, 1000, 1000, 2}), "100 % of 1000, about 0 s left");
}

TEST(Rebuild, DoesNotGuessTooEarly) {
  EXPECT_LT(LeftSeconds({0, 10, 1000, 0.1}), 0);
  EXPECT_LT(LeftSeconds({0, 0, 1000, 10}), 0);
  EXPECT_DOUBLE_EQ(LeftSeconds({0, 100, 1000, 1}), 9);
}

}  // namespace
}  // namespace crm::runtime
