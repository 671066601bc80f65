#include <gtest/gtest.h>

#include <cstdio>
#include <ctime>

#include "tests/simulation/check.h"
#include "tests/simulation/seeds.h"
#include "tests/simulation/world.h"

// Log and shard against their invariants: from a seed, in one thread, with everything going wrong
// that a log, a clock, a machine and a coordinator can do wrong.
namespace crm::simulation {
namespace {

constexpr int kParts = 4;

#ifdef RECALL_FEW_SEEDS
constexpr uint64_t kSeeds = 200;
#else
constexpr uint64_t kSeeds = 5'000;
#endif

Seeds PartOf(int part) {
  const Seeds all = ChosenSeeds().chosen ? ChosenSeeds() : Seeds{1, kSeeds, false};
  const uint64_t begin = all.count * static_cast<uint64_t>(part) / kParts;
  const uint64_t end = all.count * static_cast<uint64_t>(part + 1) / kParts;
  return {all.from + begin, end - begin, all.chosen};
}

class SimulationOf : public testing::TestWithParam<int> {};

TEST_P(SimulationOf, KeepsItsInvariants) {
  const Seeds seeds = PartOf(GetParam());
  Check::Counts sum;
  int failed = 0;
  const std::clock_t begin = std::clock();
  for (uint64_t seed = seeds.from; seed < seeds.from + seeds.count && failed < 5; ++seed) {
    World world({seed, {}, {}});
    world.Run();
    Check check(world);
    check.All();
    sum += check.counts();
    if (world.findings().empty()) continue;
    ++failed;
    ADD_FAILURE() << "seed " << seed << "\n" << world.findings().Text();
    if (seeds.chosen) std::printf("%s", Lines(world.log(), {}).c_str());
  }
  if (seeds.count == 0) return;
  const double runs = static_cast<double>(seeds.count);
  const double took_ms = static_cast<double>(std::clock() - begin) * 1e3 / CLOCKS_PER_SEC;
  std::printf("%.1f ms of processor a run; on average %s\n", took_ms / runs,
              sum.Average(runs).c_str());
  // A run in which nothing happens proves nothing.
  EXPECT_TRUE(seeds.count < 10 || sum.commits > 10 * seeds.count);
}

// All that happened in a run, as text.
std::string StoryOf(uint64_t seed) {
  World world({seed, {}, {}});
  world.Run();
  std::string story;
  for (size_t at = 0; at < world.log().size(0); ++at) {
    story += world.log().body(0, static_cast<int64_t>(at));
  }
  for (const Moment& moment : world.timeline()) {
    story += "\n" + moment.operation->Describe();
    if (moment.response)
      story += moment.attempt->answer.status.message() + moment.attempt->answer.body;
  }
  return story;
}

TEST(Simulation, ASeedReproducesARun) {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    EXPECT_TRUE(StoryOf(seed) == StoryOf(seed)) << "seed " << seed;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, SimulationOf, testing::Range(0, kParts));

}  // namespace
}  // namespace crm::simulation
