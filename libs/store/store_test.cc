#include "libs/store/store.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "libs/store/example_commits.h"

namespace crm::store {
namespace {

using example::Commits;

example::Draft Lead(uint64_t number, const std::string& company = "Acme") {
  sales::v1::Lead lead;
  lead.set_state(sales::v1::Lead::STATE_OPEN);
  lead.set_company_name(company);
  return example::Of(lead, example::Id(number), "created");
}

RecordKey Key(uint64_t number, TenantNumber tenant = 1) {
  return {tenant, example::Type("leads").number, example::Id(number)};
}

TEST(Store, IsEmptyAtFirst) {
  const auto store = example::Open(Disk::InMemory());
  EXPECT_EQ(store->Load(), log::Automaton::State());
  const auto& view = store->latest();
  EXPECT_EQ(view.applied(), 0);
  EXPECT_EQ(view.log_id(), 0u);
  EXPECT_TRUE(view.Tenants().empty());
  EXPECT_EQ(view.Tenant("acme"), std::nullopt);
  EXPECT_EQ(view.Record(Key(1)), std::nullopt);
  EXPECT_TRUE(view.History(Key(1), kNow, 10).empty());
  EXPECT_TRUE(view.Changes(1, -1, 10).empty());
  EXPECT_TRUE(view.CommitAt(1, 0).empty());
  EXPECT_EQ(view.PositionAt(1, INT64_MAX), -1);
  EXPECT_EQ(view.Outbox(1, "import/7"), 0u);
}

TEST(Store, ARecordThatWasReadIsReadAnewOnceItHasChanged) {
  const auto store = example::Open(Disk::InMemory());
  const View& view = store->latest();
  Commits commits;
  commits.Add("acme", {Lead(1)});
  commits.ApplyTo(*store);
  for (const std::string company : {"Globex", "Initech"}) {
    const auto before = view.Record(Key(1));
    EXPECT_EQ(view.Record(Key(1)), before);
    const auto changed = Lead(1, company);
    commits.Add("acme", {changed});
    commits.ApplyTo(*store);
    EXPECT_NE(view.Record(Key(1)), before);
    EXPECT_EQ(view.Record(Key(1)), store->Snapshot()->Record(Key(1)));
  }
  store->Clear();
  EXPECT_EQ(store->latest().Record(Key(1)), std::nullopt);
}

TEST(Store, ApplyIsAllOrNothingWithItsState) {
  const auto disk = Disk::InMemory();
  Commits commits;
  commits.Add("acme", {Lead(1)});
  {
    const auto store = example::Open(disk);
    commits.ApplyTo(*store);
    store->Flush();
    commits.Add("acme", {Lead(2)});
    commits.ApplyTo(*store);
    EXPECT_TRUE(store->latest().Record(Key(2)));
  }
  const auto store = example::Open(disk);  // what was not flushed is gone, its position as well
  EXPECT_EQ(store->Load(), Commits::After(commits.all()[0]));
  EXPECT_TRUE(store->latest().Record(Key(1)));
  EXPECT_FALSE(store->latest().Record(Key(2)));
  commits.ApplyTo(*store);
  EXPECT_TRUE(store->latest().Record(Key(2)));
  EXPECT_EQ(store->latest().log_id(), 42u);
}

TEST(Store, SavesAStateWithoutCommits) {
  const auto store = example::Open(Disk::InMemory());
  log::Automaton::State state;
  state.next = 17;
  state.claim = 3;
  store->Apply({}, state);
  EXPECT_EQ(store->Load(), state);
  EXPECT_EQ(store->latest().applied(), 17);
}

TEST(Store, KeepsADeletedRecordsId) {
  const auto store = example::Open(Disk::InMemory());
  Commits commits;
  commits.Add("acme", {Lead(1)});
  commits.Add("acme", {example::Deleted("leads", example::Id(1))});
  commits.ApplyTo(*store);
  EXPECT_EQ(store->latest().Record(Key(1)), "");
  EXPECT_EQ(store->latest().Records({Key(2), Key(1)}),
            (std::vector<std::optional<std::string>>{std::nullopt, ""}));
}

TEST(Store, ASnapshotStays) {
  const auto store = example::Open(Disk::InMemory());
  Commits commits;
  commits.Add("acme", {Lead(1)});
  commits.ApplyTo(*store);
  const auto before = store->Snapshot();
  commits.Add("acme", {Lead(1, "Bolt"), Lead(2)});
  commits.ApplyTo(*store);
  EXPECT_EQ(before->applied(), 2);
  EXPECT_EQ(before->Record(Key(1)), Lead(1).image);
  EXPECT_FALSE(before->Record(Key(2)));
  EXPECT_EQ(store->Snapshot()->Record(Key(1)), Lead(1, "Bolt").image);
  store->Clear();
  EXPECT_EQ(before->Record(Key(1)), Lead(1).image);
  EXPECT_EQ(store->Snapshot()->Record(Key(1)), std::nullopt);
}

TEST(Store, ReadersSeeWholeCommitsWhileMoreAreApplied) {
  const auto store = example::Open(Disk::InMemory());
  Commits commits;
  for (int i = 0; i < 300; ++i) {
    const auto company = "Company " + std::to_string(i);
    commits.Add("acme", {Lead(1, company), Lead(2, company)});
  }
  std::atomic<bool> done = false;
  std::thread reader([&] {
    int64_t applied = 0;
    while (!done) {
      const auto view = store->Snapshot();
      EXPECT_GE(view->applied(), applied);
      applied = view->applied();
      EXPECT_EQ(view->Changes(1, -1, 1000).size(),
                static_cast<size_t>(std::max<int64_t>(0, applied - 1)));
      const auto one = view->Record(Key(1));
      const auto two = view->Record(Key(2));
      EXPECT_EQ(one.has_value(), two.has_value());
      if (!one || !two) continue;
      sales::v1::Lead lead, other;
      EXPECT_TRUE(lead.ParseFromString(*one) && other.ParseFromString(*two));
      EXPECT_EQ(lead.company_name(), other.company_name());
      EXPECT_EQ(lead.company_name(), "Company " + std::to_string((applied - 1) / 2 - 1));
    }
  });
  commits.ApplyTo(*store);
  done = true;
  reader.join();
  EXPECT_EQ(store->Snapshot()->applied(), 601);
}

TEST(Store, ClearLeavesNothingBehind) {
  const auto disk = Disk::InMemory();
  Commits commits;
  commits.Add("acme", {Lead(1)}, {.request = "r", .request_hash = "h", .outbox = "import/1/9"});
  {
    const auto store = example::Open(disk);
    commits.ApplyTo(*store);
    store->Flush();
    store->Clear();
    EXPECT_EQ(store->Load(), log::Automaton::State());
    EXPECT_TRUE(store->latest().Tenants().empty());
    EXPECT_EQ(store->latest().Request(1, "r"), std::nullopt);
    EXPECT_EQ(store->latest().Outbox(1, "import/1"), 0u);
    EXPECT_TRUE(store->latest().Changes(1, -1, 10).empty());
  }
  const auto store = example::Open(disk);
  EXPECT_EQ(store->Load(), log::Automaton::State());
  EXPECT_FALSE(store->latest().Record(Key(1)));
  commits.ApplyTo(*store);
  EXPECT_TRUE(store->latest().Record(Key(1)));
}

TEST(Store, NumbersTenantsInTheOrderOfTheLog) {
  const auto disk = Disk::InMemory();
  Commits commits;
  commits.Add("zeta", {Lead(1)}, {.client = "import"});
  commits.Add("acme", {Lead(1, "Other")});
  const auto started = commits.time_us();
  commits.Pass(10);
  commits.Add("zeta", {Lead(2)}, {.client = "import"});
  auto store = example::Open(disk);
  commits.ApplyTo(*store);
  EXPECT_EQ(store->latest().Tenants(), (std::vector<std::string>{"acme", "zeta"}));
  const auto zeta = *store->latest().Tenant("zeta");
  const auto acme = *store->latest().Tenant("acme");
  EXPECT_EQ(zeta.number, 1u);
  EXPECT_EQ(zeta.time_us, started + 10);
  EXPECT_TRUE(zeta.loading);
  EXPECT_EQ(acme.number, 2u);
  EXPECT_EQ(acme.time_us, started);
  EXPECT_FALSE(acme.loading);
  EXPECT_EQ(store->latest().Record(Key(1, 2)), Lead(1, "Other").image);

  store->Flush();
  store.reset();
  store = example::Open(disk);
  commits.Add("new", {Lead(1)});
  commits.Add("zeta", {Lead(3)}, {.client = "web"});
  commits.Add("zeta", {Lead(4)}, {.client = "import"});
  commits.ApplyTo(*store);
  EXPECT_EQ(store->latest().Tenant("new")->number, 3u);
  EXPECT_FALSE(store->latest().Tenant("zeta")->loading);
}

TEST(Store, RemembersRequestsAndNumberedCommands) {
  const auto store = example::Open(Disk::InMemory());
  Commits commits;
  const auto at = commits.Add("acme", {Lead(1), Lead(2)},
                              {.request = "r1", .request_hash = "abc", .outbox = "import/x/7"});
  commits.Add("acme", {Lead(3)}, {.outbox = "import/x/5"});
  commits.Add("acme", {Lead(4)}, {.outbox = "no number/x"});
  commits.ApplyTo(*store);
  const auto request = store->latest().Request(1, "r1");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->hash, "abc");
  EXPECT_EQ(request->position, at);
  EXPECT_EQ(request->recorded_time_us, commits.time_us() + 5);
  EXPECT_EQ(store->latest().Request(2, "r1"), std::nullopt);
  EXPECT_EQ(store->latest().Request(1, "r"), std::nullopt);
  EXPECT_EQ(store->latest().Outbox(1, "import/x"), 7u);
  EXPECT_EQ(store->latest().Outbox(1, "no number"), 0u);
}

TEST(Store, FindsACommitsEvents) {
  const auto store = example::Open(Disk::InMemory());
  Commits commits;
  const auto first = commits.Add("acme", {Lead(1)});
  commits.Add("other", {Lead(1)});
  const auto second = commits.Add("acme", {Lead(3), Lead(2), Lead(3, "Bolt")});
  commits.ApplyTo(*store);
  const auto& view = store->latest();
  ASSERT_EQ(view.CommitAt(1, second).size(), 3u);
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(*view.CommitAt(1, second)[i].body, *commits.all()[2].events[i].body);
    EXPECT_EQ(view.CommitAt(1, second)[i].offset, commits.all()[2].events[i].offset);
  }
  EXPECT_EQ(view.CommitAt(1, first).size(), 1u);
  EXPECT_TRUE(view.CommitAt(1, second - 1).empty());  // in the middle of one
  EXPECT_TRUE(view.CommitAt(2, second).empty());
}

TEST(Store, SkipsWhatTheCatalogueDoesNotKnow) {
  const auto store = example::Open(Disk::InMemory());
  Commits commits;
  example::Draft unknown{"dragons", example::Id(1), "hatched", "image"};
  commits.Add("acme", {Lead(1), unknown}, {.request = "r"});
  commits.ApplyTo(*store);
  EXPECT_EQ(store->skipped(), 1u);
  EXPECT_TRUE(store->latest().Record(Key(1)));
  EXPECT_EQ(store->latest().Changes(1, -1, 10).size(), 1u);
  EXPECT_TRUE(store->latest().Request(1, "r"));
  EXPECT_EQ(store->Load().next, 3);
}

}  // namespace
}  // namespace crm::store
