#include "tests/chaos/linearizable.h"

#include <gtest/gtest.h>

#include <random>

namespace crm::test {
namespace {

using History = std::vector<Operation>;

Operation Read(int64_t value, int64_t invoked, int64_t ended) {
  return {Operation::Kind::kRead, value, invoked, ended};
}
Operation Write(int64_t value, int64_t invoked, int64_t ended) {
  return {Operation::Kind::kWrite, value, invoked, ended};
}

TEST(Linearizable, WhatHappensOneAfterTheOther) {
  EXPECT_TRUE(IsLinearizable({}));
  EXPECT_TRUE(IsLinearizable({Read(0, 0, 1), Write(1, 2, 3), Read(1, 4, 5)}));
  EXPECT_FALSE(IsLinearizable({Write(1, 0, 1), Read(0, 2, 3)})) << "a stale read";
  EXPECT_FALSE(IsLinearizable({Write(1, 0, 1), Write(2, 2, 3), Read(1, 4, 5)}));
  EXPECT_FALSE(IsLinearizable({Read(7, 0, 1)})) << "nobody wrote it";
}

TEST(Linearizable, WhatOverlapsMayComeInAnyOrder) {
  EXPECT_TRUE(IsLinearizable({Write(1, 0, 10), Read(0, 1, 2), Read(1, 3, 4)}));
  EXPECT_FALSE(IsLinearizable({Write(1, 0, 10), Read(1, 1, 2), Read(0, 3, 4)}))
      << "seen, and then not seen any more";
  EXPECT_TRUE(IsLinearizable({Write(1, 0, 10), Write(2, 0, 10), Read(2, 11, 12)}));
  EXPECT_TRUE(IsLinearizable({Write(1, 0, 10), Write(2, 0, 10), Read(1, 11, 12)}));
  EXPECT_FALSE(
      IsLinearizable({Write(1, 0, 10), Write(2, 0, 10), Read(1, 11, 12), Read(2, 13, 14)}));
}

TEST(Linearizable, WhatNobodyKnowsMayHappenLateOrNever) {
  EXPECT_TRUE(IsLinearizable({Write(1, 0, kNever), Read(0, 5, 6)}));
  EXPECT_TRUE(IsLinearizable({Write(1, 0, kNever), Read(0, 5, 6), Read(1, 7, 8)}));
  EXPECT_FALSE(IsLinearizable({Write(1, 0, kNever), Read(1, 5, 6), Read(0, 7, 8)}));
  EXPECT_FALSE(IsLinearizable({Read(1, 0, 1), Write(1, 2, kNever)})) << "read before it was sent";
}

// A register that works, called by several clients; each operation takes effect at one instant.
History RandomHistory(std::mt19937* random, int clients, int operations) {
  History history;
  std::vector<int64_t> free_from(static_cast<size_t>(clients), 0);
  int64_t value = 0;
  int64_t instant = 0;
  for (int i = 1; i <= operations; ++i) {
    const size_t client = (*random)() % free_from.size();
    instant = std::max(instant + 1, free_from[client] + 1);
    Operation operation;
    operation.kind = (*random)() % 2 == 0 ? Operation::Kind::kRead : Operation::Kind::kWrite;
    const auto early = static_cast<int64_t>((*random)() % 20);
    operation.invoked = std::max(free_from[client], instant - early);
    operation.ended = instant + static_cast<int64_t>((*random)() % 20);
    if (operation.kind == Operation::Kind::kWrite) {
      value = i;
      if ((*random)() % 10 == 0) operation.ended = kNever;
    }
    operation.value = value;
    free_from[client] = operation.ended == kNever ? instant + 20 : operation.ended + 1;
    history.push_back(operation);
  }
  return history;
}

TEST(Linearizable, RandomHistoriesOfARegisterAre) {
  for (uint32_t seed = 1; seed <= 200; ++seed) {
    std::mt19937 random(seed);
    const History history = RandomHistory(&random, 6, 150);
    ASSERT_TRUE(IsLinearizable(history)) << "seed " << seed << '\n' << Print(history);
  }
}

TEST(Linearizable, AReadOfAnEarlierValueIsFound) {
  int found = 0;
  for (uint32_t seed = 1; seed <= 100; ++seed) {
    std::mt19937 random(seed);
    History history = RandomHistory(&random, 4, 60);
    // The last read is made to show the first write, which others have overwritten long before.
    int64_t first = 0;
    for (const Operation& each : history) {
      if (first == 0 && each.kind == Operation::Kind::kWrite) first = each.value;
    }
    for (auto each = history.rbegin(); each != history.rend(); ++each) {
      if (each->kind != Operation::Kind::kRead) continue;
      each->value = first;
      break;
    }
    found += IsLinearizable(history) ? 0 : 1;
  }
  EXPECT_GT(found, 90);
}

}  // namespace
}  // namespace crm::test
