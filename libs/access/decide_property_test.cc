#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <map>

#include "libs/access/random_world.h"

namespace crm::access {
namespace {

uint64_t Seed() {
  const char* given = std::getenv("RECALL_SEED");
  const uint64_t seed =
      given == nullptr ? std::random_device()() : std::strtoull(given, nullptr, 10);
  std::cout << "RECALL_SEED=" << seed << "\n";
  return seed;
}

struct Counts {
  int decisions = 0;
  int differences = 0;
  std::map<Step, int> steps;
};

// Every user, right and record of random organizations, until there were enough.
Counts Compare(uint64_t seed, int decisions, Mutations mutations) {
  Counts counts;
  RandomWorld random(seed);
  while (counts.decisions < decisions) {
    const reference::World world = random.Make();
    const reference::Reference expected(world);
    const Organization organization(Describe(world), mutations);
    for (size_t user = 0; user < world.users.size(); ++user) {
      const Subject& subject =
          organization.SubjectOf(organization.FindUser(IdOf('u', static_cast<int>(user))));
      for (const reference::Record& record : world.records) {
        const Facts facts{static_cast<TypeNumber>(10 + record.type), PartyOf(world, record)};
        const WorldSurroundings surroundings(world, record);
        for (int right = 0; right < reference::kRightCount; ++right) {
          Derivation derivation;
          const Verdict verdict = Decide(subject, static_cast<Right>(right), facts, surroundings,
                                         right % 2 == 0 ? &derivation : nullptr);
          const bool allowed = expected.Allowed(static_cast<int>(user),
                                                static_cast<reference::Right>(right), record);
          ++counts.decisions;
          ++counts.steps[verdict.step];
          if (verdict.allowed != allowed) ++counts.differences;
        }
      }
    }
  }
  return counts;
}

TEST(DecideProperty, EqualsTheReferenceOnRandomOrganizations) {
  const Counts counts = Compare(Seed(), 200'000, {});
  EXPECT_EQ(counts.differences, 0);
  for (int step = 0; step <= static_cast<int>(Step::kNothing); ++step) {
    EXPECT_GT(counts.steps.count(static_cast<Step>(step)), 0u)
        << "no decision was made at " << NameOf(static_cast<Step>(step));
  }
}

// What the list of owners says is what deciding record by record says, where shares, inheritance
// and parents play no part.
TEST(DecideProperty, ReadableOwnersAreThoseOfDecisions) {
  RandomWorld random(Seed());
  int compared = 0;
  for (int i = 0; i < 300; ++i) {
    const reference::World world = random.Make();
    const Organization organization(Describe(world));
    for (size_t user = 0; user < organization.users().size(); ++user) {
      const Subject& subject = organization.SubjectOf(static_cast<Organization::Index>(user));
      for (const reference::Record& record : world.records) {
        if (record.type > 2) continue;
        const Facts facts{static_cast<TypeNumber>(10 + record.type), PartyOf(world, record)};
        if (!MayAny(subject, Right::kRead, facts.type)) continue;
        const auto owners = subject.ReadableOwners(facts.type, 1'000);
        const bool listed =
            !owners || std::find(owners->begin(), owners->end(), facts.owner) != owners->end();
        const bool decided = Decide(subject, Right::kRead, facts, NoSurroundings()).allowed;
        ASSERT_EQ(listed, decided) << "user " << user << " of organization " << i;
        ++compared;
      }
    }
  }
  EXPECT_GT(compared, 3'000);
}

#ifdef RECALL_MUTATIONS
TEST(DecideProperty, EachStepIsNeeded) {
  for (Mutation step : {Mutation::kNoGate, Mutation::kNoAdministrator, Mutation::kNoOwnGrants,
                        Mutation::kNoTeamGrants, Mutation::kNoTypeCheck, Mutation::kNoOwnerCheck,
                        Mutation::kNoShares, Mutation::kNoInheritance, Mutation::kNoHierarchy,
                        Mutation::kNoDenial}) {
    EXPECT_GT(Compare(1, 50'000, Mutations(step)).differences, 0)
        << "nobody notices that mutation " << static_cast<int>(step) << " leaves its step out";
  }
}
#endif

}  // namespace
}  // namespace crm::access
