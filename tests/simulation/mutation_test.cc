#include <gtest/gtest.h>

#include <cstdio>
#include <set>

#include "tests/simulation/check.h"
#include "tests/simulation/world.h"

// Each rule of the log's protocol, and each duty of the shard, is left out once: the simulation
// must notice, by the invariant that the rule is there for. The table is that of the protocol's
// page.
#ifdef RECALL_MUTATIONS
namespace crm::simulation {
namespace {

using Rule = log::Mutation;
using Duty = shard::Mutation;
using enum Invariant;

struct Mutant {
  const char* name;
  log::Mutations log;
  shard::Mutations shard;
  std::set<Invariant> must_fail;
  uint64_t seeds;  // within which it is found
};

Mutant Without(const char* name, Rule rule, std::set<Invariant> must_fail, uint64_t seeds) {
  return {name, log::Mutations(rule), {}, std::move(must_fail), seeds};
}

Mutant With(const char* name, Duty duty, std::set<Invariant> must_fail, uint64_t seeds) {
  return {name, {}, shard::Mutations(duty), std::move(must_fail), seeds};
}

// L4 shows in one of thousands of runs; directed_test.cc forces its order of events, and R1's.
std::vector<Mutant> Mutants() {
  return {
      Without("R2_Sequence", Rule::kNoSequence, {kI1, kI3, kI5}, 100),
      Without("R1_CompareAndSet", Rule::kNoCompareAndSet, {kI3, kI5}, 2'000),
      Without("R2_NewestClaim", Rule::kNoNewestClaim, {kI3, kI5, kI6}, 100),
      Without("R3_CommitBuffer", Rule::kNoCommitBuffer, {kI2, kI6}, 100),
      Without("C2_ReadToClaim", Rule::kNoReadToClaim, {kI3, kI9}, 100),
      Without("A2_AcknowledgeInOrder", Rule::kAckOutOfOrder, {kI1, kI4}, 100),
      Without("A3_GapReading", Rule::kNoGapReading, {kI1}, 100),
      Without("A4_ErrorEndsClaim", Rule::kErrorKeepsClaim, {kI5}, 100),
      With("D1_RequestLookup", Duty::kNoRequestLookup, {kI5}, 100),
      Without("L1_Lease", Rule::kNoLease, {kI8}, 500),
      Without("L2_LiveCheck", Rule::kLeaseFlag, {kI8}, 2'000),
      Without("L3_TakeOverWait", Rule::kNoTakeOverWait, {kI8}, 2'000),
      With("Overlay", Duty::kSkipOverlay, {kI3}, 100),
      With("AnswerAfterAppend", Duty::kAnswerBeforeAppend, {kI1}, 100),
      With("WholeCommit", Duty::kDropEvent, {kI2}, 100),
      With("RememberRequest", Duty::kForgetRequest, {kI5}, 100),
      With("ApplyOnce", Duty::kApplyTwice, {kI5}, 100),
  };
}

class Mutation : public testing::TestWithParam<Mutant> {};

TEST_P(Mutation, IsFound) {
  const Mutant& mutant = GetParam();
  for (uint64_t seed = 1; seed <= mutant.seeds; ++seed) {
    World world({seed, mutant.log, mutant.shard});
    world.Run();
    Check(world).All();
    const Finding* finding = world.findings().First(mutant.must_fail);
    if (finding == nullptr) continue;
    std::printf("without %s: seed %lu breaks %s: %s\n", mutant.name, seed,
                NameOf(finding->invariant).c_str(), finding->text.c_str());
    return;
  }
  FAIL() << "nothing found without " << mutant.name << " in " << mutant.seeds << " seeds";
}

INSTANTIATE_TEST_SUITE_P(Rules, Mutation, testing::ValuesIn(Mutants()),
                         [](const auto& mutant) { return std::string(mutant.param.name); });

}  // namespace
}  // namespace crm::simulation
#endif
