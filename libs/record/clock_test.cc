#include "libs/record/clock.h"

#include <gtest/gtest.h>

#include <set>

namespace crm::record {
namespace {

TEST(SystemClock, IsInMicroseconds) {
  SystemClock clock;
  EXPECT_GT(clock.Wall(), 1'700'000'000'000'000);
  EXPECT_LT(clock.Wall(), 10'000'000'000'000'000);
  int64_t before = clock.Boottime();
  EXPECT_LE(before, clock.Boottime());
}

TEST(SystemRandom, DoesNotRepeat) {
  SystemRandom random;
  std::set<uint64_t> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(random.Next());
  EXPECT_EQ(seen.size(), 1000u);
}

}  // namespace
}  // namespace crm::record
