#include "libs/log/placement.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace crm::log {
namespace {

// The values that the tests of Kafka's own clients expect.
TEST(Placement, HashesAsKafkaDoes) {
  EXPECT_EQ(static_cast<int32_t>(Murmur2("21")), -973932308);
  EXPECT_EQ(static_cast<int32_t>(Murmur2("foobar")), -790332482);
  EXPECT_EQ(static_cast<int32_t>(Murmur2("a-little-bit-long-string")), -985981536);
  EXPECT_EQ(static_cast<int32_t>(Murmur2("a-little-bit-longer-string")), -1486304829);
  EXPECT_EQ(static_cast<int32_t>(Murmur2("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8")),
            -58897971);
  EXPECT_EQ(static_cast<int32_t>(Murmur2("abc")), 479470107);
}

TEST(Placement, UsesEveryPartition) {
  std::set<int> used;
  for (int i = 0; i < 100; ++i) {
    const int partition = PartitionOf("tenant-" + std::to_string(i), 4);
    ASSERT_GE(partition, 0);
    ASSERT_LT(partition, 4);
    used.insert(partition);
  }
  EXPECT_EQ(used.size(), 4u);
}

TEST(Placement, ForgetsTheSign) {
  // The hash of `foobar` is negative.
  EXPECT_EQ(PartitionOf("foobar", 4), static_cast<int>((-790332482u & 0x7fffffff) % 4));
  EXPECT_EQ(PartitionOf("foobar", 1), 0);
}

}  // namespace
}  // namespace crm::log
