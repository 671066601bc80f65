#include <gtest/gtest.h>

#include "libs/shard/random_tree.h"
#include "tests/simulation/seeds.h"
#include "tests/simulation/tree_world.h"

// Deletes, merges and their ways back on trees of which a commit holds only a part, while the log,
// machines and owners fail: they do what a plain model does, and nobody sees a part of a delete.
namespace crm::simulation {
namespace {

#ifdef RECALL_FEW_SEEDS
constexpr uint64_t kSeeds = 10;
#else
constexpr uint64_t kSeeds = 150;
#endif
constexpr int kSteps = 40;

TEST(Trees, DoWhatAPlainModelDoesWhateverFails) {
  const Seeds seeds = ChosenSeeds().chosen ? ChosenSeeds() : Seeds{1, kSeeds, false};
  shard::Limits limits;
  limits.delete_events = 3;
  limits.step_events = 2;
  int cascades = 0, movings = 0;
  for (uint64_t seed = seeds.from; seed < seeds.from + seeds.count; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    shard::RandomTree<TreeWorld> tree(seed, limits);
    tree.Go(kSteps);
    if (HasFailure()) return;
    ASSERT_EQ(tree.shard().Trouble(), "");
    cascades += tree.cascades();
    movings += tree.movings();
  }
  if (seeds.count < 10) return;
  EXPECT_GT(cascades, static_cast<int>(seeds.count / 3));
  EXPECT_GT(movings, static_cast<int>(seeds.count / 3));
}

}  // namespace
}  // namespace crm::simulation
