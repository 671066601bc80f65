#include <gtest/gtest.h>

#include "libs/store/example_model.h"
#include "libs/store/example_random.h"

// Random histories of several tenants against a plain model, over crashes and flushes.
namespace crm::store {
namespace {

using example::Model;

class RandomHistory : public testing::TestWithParam<int> {
 protected:
  RandomHistory() : random_(GetParam()) {}

  int Below(int bound) { return random_.Below(bound); }
  const std::vector<log::Commit>& all() const { return random_.commits().all(); }
  int64_t RandomPosition() { return Below(static_cast<int>(all().back().position()) + 3); }

  void CheckRecords(const View& view, const Model& model);
  void CheckHistory(const View& view, const Model& model);
  void CheckChanges(const View& view, const Model& model);
  void CheckIndexes(const View& view, const Model& model);
  void CheckScan(const View& view, const IndexRange& whole, int64_t as_of,
                 const std::vector<std::string>& expected);
  void Check(const View& view) {
    const Model model(all());
    CheckRecords(view, model);
    CheckHistory(view, model);
    CheckChanges(view, model);
    CheckIndexes(view, model);
  }

  example::RandomCommits random_;
};

TenantNumber NumberOf(const View& view, const std::string& tenant) {
  const auto entry = view.Tenant(tenant);
  EXPECT_TRUE(entry) << tenant;
  return entry ? entry->number : 0;
}

void RandomHistory::CheckRecords(const View& view, const Model& model) {
  std::vector<RecordKey> keys;
  std::vector<std::optional<std::string>> images;
  for (const auto& [tenant, records] : model.tenants()) {
    const auto number = NumberOf(view, tenant);
    for (const auto& [key, versions] : records) {
      keys.push_back({number, key.first, key.second});
      images.push_back(versions.back().image);
      ASSERT_EQ(view.Record(keys.back()), images.back());
    }
    keys.push_back({number, example::Type("leads").number, example::Id(1000)});
    images.push_back(std::nullopt);
  }
  ASSERT_EQ(view.Records(keys), images);
}

void RandomHistory::CheckHistory(const View& view, const Model& model) {
  for (const auto& [tenant, records] : model.tenants()) {
    const auto number = NumberOf(view, tenant);
    for (const auto& [key, versions] : records) {
      const RecordKey record{number, key.first, key.second};
      const size_t limit = static_cast<size_t>(1 + Below(4));
      int64_t before = kNow;
      std::vector<std::string> bodies;
      for (;;) {
        const auto page = view.History(record, before, limit);
        ASSERT_LE(page.size(), limit);
        for (const auto& event : page) bodies.push_back(*event.body);
        if (page.size() < limit) break;
        before = page.back().offset;
      }
      std::vector<std::string> expected;
      for (const auto& version : versions) expected.insert(expected.begin(), version.body);
      ASSERT_EQ(bodies, expected);

      const auto position = RandomPosition();
      const auto found = view.VersionAt(record, position);
      const auto* version = Model::At(versions, position);
      ASSERT_EQ(found.has_value(), version != nullptr);
      if (version) {
        ASSERT_EQ(*found->body, version->body);
      }
    }
  }
}

void RandomHistory::CheckChanges(const View& view, const Model& model) {
  for (const auto& [tenant, records] : model.tenants()) {
    const auto number = NumberOf(view, tenant);
    std::map<int64_t, Change> expected;
    for (const auto& [key, versions] : records) {
      for (const auto& version : versions) {
        expected[version.offset] = {version.offset, version.commit, key.first, key.second,
                                    version.time_us};
      }
    }
    const auto after = RandomPosition();
    const auto changes = view.Changes(number, after, 1000);
    size_t i = 0;
    for (auto it = expected.upper_bound(after); it != expected.end(); ++it, ++i) {
      ASSERT_LT(i, changes.size());
      ASSERT_EQ(changes[i].offset, it->second.offset);
      ASSERT_EQ(changes[i].commit, it->second.commit);
      ASSERT_EQ(changes[i].type, it->second.type);
      ASSERT_EQ(changes[i].id, it->second.id);
      ASSERT_EQ(changes[i].time_us, it->second.time_us);
    }
    ASSERT_EQ(changes.size(), i);

    const auto time = random_.commits().time_us() - Below(100);
    int64_t position = -1;
    for (const auto& [offset, change] : expected) {
      if (change.time_us <= time) position = change.commit;
    }
    ASSERT_EQ(view.PositionAt(number, time), position);
  }
}

void RandomHistory::CheckScan(const View& view, const IndexRange& whole, int64_t as_of,
                              const std::vector<std::string>& expected) {
  ASSERT_EQ(example::Keys(view.Scan(whole, as_of)), expected);
  auto range = whole;
  range.reverse = true;
  const std::vector<std::string> reversed(expected.rbegin(), expected.rend());
  ASSERT_EQ(example::Keys(view.Scan(range, as_of)), reversed);
  if (expected.empty()) return;

  const auto at = Below(static_cast<int>(expected.size()));
  const auto from = expected.begin() + at;
  range = whole;
  range.from = *from + '\0';
  ASSERT_EQ(example::Keys(view.Scan(range, as_of)),
            std::vector<std::string>(from + 1, expected.end()));
  range.from.clear();
  range.to = *from;
  ASSERT_EQ(example::Keys(view.Scan(range, as_of)),
            std::vector<std::string>(expected.begin(), from));
  range.to = *from + '\0';
  range.from = expected[static_cast<size_t>(at / 2)];
  range.reverse = true;
  std::vector<std::string> part(expected.begin() + at / 2, from + 1);
  std::reverse(part.begin(), part.end());
  ASSERT_EQ(example::Keys(view.Scan(range, as_of)), part);
  range.from = range.to = from->substr(0, from->size() - 16);  // its values: all that have them
  range.to = record::PrefixEnd(range.to);
  range.reverse = false;
  std::vector<std::string> same;
  for (const auto& key : expected) {
    if (key.starts_with(range.from)) same.push_back(key);
  }
  ASSERT_EQ(example::Keys(view.Scan(range, as_of)), same);
}

void RandomHistory::CheckIndexes(const View& view, const Model& model) {
  for (const auto& [tenant, records] : model.tenants()) {
    const auto number = NumberOf(view, tenant);
    for (const auto* type : {&example::Type("leads"), &example::Type("tasks")}) {
      for (const auto& index : type->indexes) {
        const IndexRange range{number, type->number, index.number, "", "", false};
        CheckScan(view, range, kNow, model.Index(tenant, *type, index, kNow));
        if (!index.past) continue;
        for (int i = 0; i < 4; ++i) {
          const auto position = RandomPosition();
          CheckScan(view, range, position, model.Index(tenant, *type, index, position));
        }
      }
    }
  }
}

TEST_P(RandomHistory, EqualsTheModel) {
  const auto disk = Disk::InMemory();
  const size_t memory = Below(2) == 0 ? 128 << 10 : 4 << 20;
  auto store = example::Open(disk, memory);
  for (int round = 0; round < 40; ++round) {
    for (int i = Below(25); i >= 0; --i) random_.Add();
    if (Below(4) == 0) {
      store.reset();
      store = example::Open(disk, memory);
    }
    random_.commits().ApplyTo(*store, static_cast<size_t>(1 + Below(5)));
    if (Below(4) == 0) store->Flush();
    ASSERT_EQ(store->Load().next, all().back().position() + 1);
    if (round % 8 == 0) {
      ASSERT_NO_FATAL_FAILURE(Check(store->latest()));
    }
    if (Below(20) == 0) store->Clear();
  }
  random_.commits().ApplyTo(*store);
  ASSERT_NO_FATAL_FAILURE(Check(*store->Snapshot()));
  EXPECT_EQ(store->skipped(), 0u);

  auto rebuilt = example::Open(Disk::InMemory());
  random_.commits().ApplyTo(*rebuilt, 1000);
  for (const auto& tenant : store->latest().Tenants()) {
    EXPECT_EQ(store->latest().Verify(tenant), rebuilt->latest().Verify(tenant));
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomHistory, testing::Range(1, 13));

}  // namespace
}  // namespace crm::store
