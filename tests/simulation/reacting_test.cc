#include <gtest/gtest.h>

#include <cstdio>
#include <ctime>

#include "tests/simulation/reacting_world.h"
#include "tests/simulation/seeds.h"

// Replicas, reactors and timers against their invariants, with everything going wrong between two
// services: from a seed, in one thread.
namespace crm::simulation {
namespace {

#ifdef RECALL_FEW_SEEDS
constexpr uint64_t kSeeds = 40;
#else
constexpr uint64_t kSeeds = 400;
#endif

TEST(Reacting, KeepsItsInvariants) {
  const Seeds seeds = ChosenSeeds().chosen ? ChosenSeeds() : Seeds{1, kSeeds, false};
  int failed = 0;
  size_t parked = 0;
  size_t messages = 0;
  const std::clock_t begin = std::clock();
  for (uint64_t seed = seeds.from; seed < seeds.from + seeds.count && failed < 5; ++seed) {
    ReactingWorld world({seed, {}});
    world.Run();
    CheckReacting(world);
    parked += world.parked();
    messages += world.test_log().size(0);
    if (world.findings().empty()) continue;
    ++failed;
    ADD_FAILURE() << "seed " << seed << "\n" << world.findings().Text();
  }
  if (seeds.count == 0) return;
  const double runs = static_cast<double>(seeds.count);
  const double took_ms = static_cast<double>(std::clock() - begin) * 1e3 / CLOCKS_PER_SEC;
  std::printf(
      "seeds %lu to %lu: %.1f ms of processor a run; on average %.1f messages, and %.2f"
      " times something parked\n",
      seeds.from, seeds.from + seeds.count - 1, took_ms / runs,
      static_cast<double>(messages) / runs, static_cast<double>(parked) / runs);
  // A run in which nothing happens proves nothing.
  EXPECT_TRUE(seeds.count < 10 || (messages > 30 * seeds.count && parked > seeds.count / 20));
}

#ifdef RECALL_MUTATIONS
// X1: without its position in the log, a reactor that lost its projections acts twice.
TEST(Reacting, NeedsItsPositionInTheLog) {
  constexpr uint64_t kWithin = 100;
  for (uint64_t seed = 1; seed <= kWithin; ++seed) {
    ReactingWorld world({seed, shard::Mutations(shard::Mutation::kNoReachedLookup)});
    world.Run();
    CheckReacting(world);
    const Finding* finding = world.findings().First({Invariant::kI10});
    if (finding == nullptr) continue;
    std::printf("without X1: seed %lu breaks I10: %s\n", seed, finding->text.c_str());
    return;
  }
  FAIL() << "nothing found in " << kWithin << " seeds";
}
#endif

}  // namespace
}  // namespace crm::simulation
