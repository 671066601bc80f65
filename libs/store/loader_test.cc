#include <gtest/gtest.h>

#include "libs/store/example_random.h"
#include "libs/store/example_rows.h"

// A store that is far behind its log is loaded; the result is the same, byte for byte.
namespace crm::store {
namespace {

constexpr const char* kPath = "/store";

std::unique_ptr<Store> OpenToLoad(std::shared_ptr<Disk> disk, size_t load_bytes) {
  StoreOptions options;
  options.path = kPath;
  options.disk = std::move(disk);
  options.memory_bytes = 1 << 20;
  options.load_from_messages = 10;
  options.load_bytes = load_bytes;
  auto store = Store::Open(options, example::BuiltIn());
  EXPECT_TRUE(store) << store.error().text;
  return std::move(*store);
}

int64_t End(const example::Commits& commits) { return commits.all().back().position() + 1; }

class Load : public testing::TestWithParam<int> {};

TEST_P(Load, GivesTheSameRowsAsApplying) {
  example::RandomCommits random(GetParam());
  const auto applied_disk = Disk::InMemory();
  const auto loaded_disk = Disk::InMemory();
  const size_t load_bytes = size_t{200} << random.Below(14);
  for (int round = 0; round < 4; ++round) {
    for (int i = random.Below(300) + 20; i >= 0; --i) random.Add();
    const auto& commits = random.commits();
    {
      const auto applied = example::Open(applied_disk);
      commits.ApplyTo(*applied, static_cast<size_t>(1 + random.Below(40)));
      applied->Flush();
      const auto loaded = OpenToLoad(loaded_disk, load_bytes);
      // Now and then the last round's rows were loaded, and some were applied since.
      if (random.Below(3) > 0) loaded->Expect(End(commits));
      commits.ApplyTo(*loaded, static_cast<size_t>(1 + random.Below(40)));
      EXPECT_FALSE(loaded->loading());
      EXPECT_EQ(loaded->applied(), End(commits));
      EXPECT_EQ(loaded->Load(), applied->Load());
      EXPECT_EQ(loaded->skipped(), 0u);
      loaded->Flush();
    }
    EXPECT_EQ(example::AllRows(loaded_disk), example::AllRows(applied_disk));
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, Load, testing::Range(1, 13));

example::Commits Many(int count) {
  example::RandomCommits random(7);
  for (int i = 0; i < count; ++i) random.Add();
  return random.commits();
}

TEST(Loading, BeginsOnlyFarBehind) {
  const auto store = OpenToLoad(Disk::InMemory(), 1);
  store->Expect(9);
  EXPECT_FALSE(store->loading());
  store->Expect(10);
  EXPECT_TRUE(store->loading());
}

TEST(Loading, SaysHowFarItIsAndShowsWhatIsWritten) {
  const auto commits = Many(100);
  const auto store = OpenToLoad(Disk::InMemory(), 64 << 20);
  store->Expect(End(commits));
  const auto& first = commits.all().front();
  store->Apply({&first, 1}, example::Commits::After(first));
  ASSERT_TRUE(store->loading());
  EXPECT_EQ(store->loading()->next, first.position() + 1);
  EXPECT_EQ(store->loading()->end, End(commits));
  EXPECT_EQ(store->applied(), 0);
  EXPECT_EQ(store->Snapshot()->applied(), 0);
  store->Apply(std::span(commits.all()).subspan(1), example::Commits::After(commits.all().back()));
  EXPECT_FALSE(store->loading());
  EXPECT_EQ(store->Snapshot()->applied(), End(commits));
}

// The log may end within a commit: there is nothing more to wait for then.
TEST(Loading, EndsWhereTheLogTurnsOutToEnd) {
  const auto commits = Many(20);
  const auto store = OpenToLoad(Disk::InMemory(), 64 << 20);
  store->Expect(End(commits) + 3);
  commits.ApplyTo(*store);
  EXPECT_TRUE(store->loading());
  store->Expect(End(commits));
  EXPECT_FALSE(store->loading());
  EXPECT_EQ(store->applied(), End(commits));
}

TEST(Loading, GoesOnWhereItWasWhenTheProcessEnded) {
  const auto commits = Many(200);
  const auto disk = Disk::InMemory();
  int64_t applied = 0;
  {
    const auto store = OpenToLoad(disk, 4 << 10);
    store->Expect(End(commits));
    const auto half = std::span(commits.all()).first(100);
    for (const auto& commit : half) store->Apply({&commit, 1}, example::Commits::After(commit));
    EXPECT_TRUE(store->loading());
  }  // without Flush()
  {
    const auto store = OpenToLoad(disk, 4 << 10);
    applied = store->Load().next;
    EXPECT_GT(applied, 0);
    EXPECT_LT(applied, End(commits));
    store->Expect(End(commits));
    commits.ApplyTo(*store);
    store->Flush();
  }
  const auto other = Disk::InMemory();
  {
    const auto store = example::Open(other);
    commits.ApplyTo(*store);
    store->Flush();
  }
  EXPECT_EQ(example::AllRows(disk), example::AllRows(other));
}

TEST(Loading, IsDroppedByClear) {
  const auto commits = Many(50);
  const auto store = OpenToLoad(Disk::InMemory(), 1 << 10);
  store->Expect(End(commits));
  store->Apply(std::span(commits.all()).first(30), example::Commits::After(commits.all()[29]));
  store->Clear();
  EXPECT_FALSE(store->loading());
  EXPECT_EQ(store->Load(), log::Automaton::State());
  commits.ApplyTo(*store);
  EXPECT_EQ(store->applied(), End(commits));
}

TEST(Loading, WorksOnARealDisk) {
  const auto commits = Many(100);
  StoreOptions options;
  options.path = testing::TempDir() + "/loader_test";
  options.load_from_messages = 10;
  options.load_bytes = 8 << 10;
  auto store = Store::Open(options, example::BuiltIn());
  ASSERT_TRUE(store) << store.error().text;
  (*store)->Clear();
  (*store)->Expect(End(commits));
  commits.ApplyTo(**store);
  const auto plain = example::Open(Disk::InMemory());
  commits.ApplyTo(*plain);
  for (const auto& tenant : plain->latest().Tenants()) {
    EXPECT_EQ((*store)->latest().Verify(tenant), plain->latest().Verify(tenant));
  }
}

}  // namespace
}  // namespace crm::store
