#include "libs/shard/random_tree.h"

// RECALL_SEED runs one seed again.
namespace crm::shard {
namespace {

constexpr int kSeeds = 120;

// Calls for each seed, until something differs.
template <class Run>
void ForSeeds(Run run) {
  const char* one = std::getenv("RECALL_SEED");
  const uint64_t first = one != nullptr ? std::strtoull(one, nullptr, 10) : 1;
  for (uint64_t seed = first; seed < first + (one != nullptr ? 1 : kSeeds); ++seed) {
    SCOPED_TRACE("RECALL_SEED=" + std::to_string(seed));
    run(seed);
    if (testing::Test::HasFailure()) return;
  }
}

TEST(MergeProperty, DoesWhatAPlainModelDoes) {
  ForSeeds([](uint64_t seed) { RandomTree<>(seed).Go(); });
}

// Where a commit holds little, deletes, merges and their ways back take several, between which the
// process may end: nobody sees a part of a delete, and a merge moves what it would have moved at
// once.
TEST(MergeProperty, WhatTakesSeveralCommitsDoesTheSame) {
  int cascades = 0;
  int movings = 0;
  int refusals = 0;
  ForSeeds([&](uint64_t seed) {
    Limits limits;
    limits.delete_events = 3;
    limits.step_events = 2;
    RandomTree<> tree(seed, limits);
    tree.Go();
    cascades += tree.cascades();
    movings += tree.movings();
    refusals += tree.refusals();
  });
  EXPECT_GT(cascades, 100);
  EXPECT_GT(movings, 100);
  EXPECT_GT(refusals, 20);
}

}  // namespace
}  // namespace crm::shard
