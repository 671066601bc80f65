#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "libs/store/example_catalogue.h"
#include "libs/store/example_model.h"
#include "libs/store/example_random.h"
#include "libs/store/example_rows.h"
#include "libs/store/layout.h"
#include "libs/store/read_view.h"

// A store that was built from other indexes: what changed is built while it goes on.
namespace crm::store {
namespace {

constexpr const char* kIndex = "state,rating";

// As if `state,rating` had been declared later.
std::unique_ptr<record::Catalogue> Without() {
  return example::WithLeads([](record::v1::Record& leads) {
    const auto* index = example::DeclaredIndex(leads, kIndex);
    for (int i = 0; i < leads.index_size(); ++i) {
      if (&leads.index(i) == index) {
        leads.mutable_index()->DeleteSubrange(i, 1);
        return;
      }
    }
  });
}

// As if `state,rating` had not been kept for past moments.
std::unique_ptr<record::Catalogue> NotPast() {
  return example::WithLeads(
      [](record::v1::Record& leads) { example::DeclaredIndex(leads, kIndex)->set_past(false); });
}

std::unique_ptr<Store> OpenWith(const record::Catalogue& catalogue,
                                const std::shared_ptr<Disk>& disk) {
  StoreOptions options;
  options.path = "/store";
  options.disk = disk;
  options.memory_bytes = 1 << 20;
  auto store = Store::Open(options, catalogue);
  EXPECT_TRUE(store) << store.error().text;
  return std::move(*store);
}

void AwaitIndexes(const Store& store) {
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!store.building().empty() && std::chrono::steady_clock::now() < give_up) {
    std::this_thread::yield();
  }
  EXPECT_TRUE(store.building().empty());
}

// Every list at every moment is as if the store had been built from the catalogue.
void ExpectAsBuiltAnew(const Store& store, const record::Catalogue& catalogue,
                       const example::Commits& commits) {
  const auto anew = OpenWith(catalogue, Disk::InMemory());
  commits.ApplyTo(*anew);
  const auto found = store.Snapshot();
  const auto expected = anew->Snapshot();
  ASSERT_EQ(found->applied(), expected->applied());
  for (const auto& tenant : expected->Tenants()) {
    EXPECT_EQ(found->Verify(tenant), expected->Verify(tenant));
    const auto number = expected->Tenant(tenant)->number;
    for (const auto* type : {catalogue.FindType("leads"), catalogue.FindType("tasks")}) {
      for (const auto& index : type->indexes) {
        const IndexRange range{number, type->number, index.number, "", "", false};
        const int64_t step = std::max<int64_t>(1, found->applied() / 40);
        for (int64_t at = 0; index.past && at <= found->applied(); at += step) {
          ASSERT_EQ(example::Keys(found->Scan(range, at)), example::Keys(expected->Scan(range, at)))
              << index.name << " at " << at;
        }
      }
    }
  }
  EXPECT_EQ(found->TakeMissing(), "");
}

class ChangedIndexes : public testing::TestWithParam<int> {
 protected:
  ChangedIndexes() : random_(GetParam()) {}

  // Applies some more, a few commits at a time, so that building comes in between.
  void Change(Store& store) {
    for (int i = random_.Below(120) + 20; i >= 0; --i) random_.Add();
    random_.commits().ApplyTo(store, 3);
  }
  // Built from `before`, opened with `after`, changed while the difference is built.
  void Expect(const record::Catalogue& before, const record::Catalogue& after) {
    const auto disk = Disk::InMemory();
    {
      const auto store = OpenWith(before, disk);
      Change(*store);
      Change(*store);
      store->Flush();
    }
    for (int i = 0; i < 3; ++i) {
      const auto store = OpenWith(after, disk);
      ASSERT_GT(store->Load().next, 0);
      Change(*store);
      store->Flush();
    }
    const auto store = OpenWith(after, disk);
    Change(*store);
    AwaitIndexes(*store);
    Change(*store);
    ASSERT_NO_FATAL_FAILURE(ExpectAsBuiltAnew(*store, after, random_.commits()));
  }

  example::RandomCommits random_;
};

TEST_P(ChangedIndexes, AreBuiltIfTheyWereAdded) { Expect(*Without(), example::BuiltIn()); }
TEST_P(ChangedIndexes, AreRemovedIfNobodyDeclaresThem) { Expect(example::BuiltIn(), *Without()); }
TEST_P(ChangedIndexes, AreKeptForPastMomentsFromTheBeginning) {
  Expect(*NotPast(), example::BuiltIn());
}
TEST_P(ChangedIndexes, AreNotKeptForPastMomentsAnyMore) { Expect(example::BuiltIn(), *NotPast()); }

INSTANTIATE_TEST_SUITE_P(Seeds, ChangedIndexes, testing::Range(1, 7));

TEST(Reindex, LeavesNothingOfARemovedIndex) {
  const auto disk = Disk::InMemory();
  const auto without = Without();
  example::RandomCommits random(3);
  for (int i = 0; i < 200; ++i) random.Add();
  {
    const auto store = OpenWith(example::BuiltIn(), disk);
    random.commits().ApplyTo(*store);
    store->Flush();
  }
  {
    const auto store = OpenWith(*without, disk);
    EXPECT_TRUE(store->building().empty());
    store->Flush();
  }
  const auto anew = Disk::InMemory();
  {
    const auto store = OpenWith(*without, anew);
    random.commits().ApplyTo(*store);
    store->Flush();
  }
  EXPECT_EQ(example::AllRows(disk)["index"].size(), example::AllRows(anew)["index"].size());
  EXPECT_EQ(example::AllRows(disk)["index_past"].size(),
            example::AllRows(anew)["index_past"].size());
}

TEST(Reindex, AScanOfAnIndexThatIsNotBuiltSaysSo) {
  const auto disk = Disk::InMemory();
  StoreOptions options;
  options.path = "/store";
  options.disk = disk;
  auto opened = Tables::Open(options, example::BuiltIn());
  ASSERT_TRUE(opened) << opened.error().text;
  const auto& leads = example::Type("leads");
  const auto& index = *leads.FindIndex(kIndex);
  Layout layout = opened->layout;
  for (auto& part : layout.parts) {
    if (part.type == leads.number && part.number == index.number) part.building = true;
  }
  const ReadView view(std::make_shared<const Moment>(opened->tables, Moment::Which::kLatest),
                      example::BuiltIn(), "",
                      std::make_shared<const Places>(layout, example::BuiltIn()), nullptr);
  EXPECT_FALSE(view.Scan({1, leads.number, 0, "", "", false}, kNow)->Valid());
  EXPECT_EQ(view.TakeMissing(), "");
  EXPECT_FALSE(view.Scan({1, leads.number, index.number, "", "", false}, 0)->Valid());
  EXPECT_EQ(view.TakeMissing(), "leads/state,rating");
  EXPECT_EQ(view.TakeMissing(), "");
}

}  // namespace
}  // namespace crm::store
