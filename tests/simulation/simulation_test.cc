#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>

#include "tests/simulation/check.h"
#include "tests/simulation/seeds.h"
#include "tests/simulation/world.h"

// Log and shard against their invariants: from a seed, in one thread, with everything going wrong
// that a log, a clock, a machine and a coordinator can do wrong.
namespace crm::simulation {
namespace {

constexpr int kParts = 4;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr uint64_t kSeeds = 60;
#else
constexpr uint64_t kSeeds = 5'000;
#endif

Seeds PartOf(int part) {
  const Seeds all = ChosenSeeds().chosen ? ChosenSeeds() : Seeds{1, kSeeds, false};
  const uint64_t begin = all.count * static_cast<uint64_t>(part) / kParts;
  const uint64_t end = all.count * static_cast<uint64_t>(part + 1) / kParts;
  return {all.from + begin, end - begin, all.chosen};
}

class Simulation : public testing::TestWithParam<int> {};

TEST_P(Simulation, KeepsItsInvariants) {
  const Seeds seeds = PartOf(GetParam());
  Check::Counts sum;
  int failed = 0;
  const auto begin = std::chrono::steady_clock::now();
  for (uint64_t seed = seeds.from; seed < seeds.from + seeds.count && failed < 5; ++seed) {
    World world({seed, {}, {}});
    world.Run();
    Check check(world);
    check.All();
    failed += !world.findings().empty();
    EXPECT_TRUE(world.findings().empty()) << "seed " << seed << "\n" << world.findings().Text();
    sum.commits += check.counts().commits;
    sum.acknowledged += check.counts().acknowledged;
    sum.refused += check.counts().refused;
    sum.reads += check.counts().reads;
    sum.peeks += check.counts().peeks;
    sum.changes += check.counts().changes;
  }
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
  if (seeds.count == 0) return;
  const double runs = static_cast<double>(seeds.count);
  std::printf(
      "a run on average: %.1f ms, %.1f commits, %.1f acknowledged, %.1f refused, "
      "%.1f reads, %.1f peeks, %.1f changes watched\n",
      took.count() / runs, static_cast<double>(sum.commits) / runs,
      static_cast<double>(sum.acknowledged) / runs, static_cast<double>(sum.refused) / runs,
      static_cast<double>(sum.reads) / runs, static_cast<double>(sum.peeks) / runs,
      static_cast<double>(sum.changes) / runs);
  // A run in which nothing happens proves nothing.
  EXPECT_TRUE(seeds.count < 10 || sum.commits > 10 * seeds.count);
}

INSTANTIATE_TEST_SUITE_P(Seeds, Simulation, testing::Range(0, kParts));

}  // namespace
}  // namespace crm::simulation
