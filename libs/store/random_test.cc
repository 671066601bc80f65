#include <gtest/gtest.h>

#include <random>

#include "libs/store/example_model.h"

// Random histories of several tenants against a plain model, over crashes and flushes.
namespace crm::store {
namespace {

using example::Model;

class RandomHistory : public testing::TestWithParam<int> {
 protected:
  RandomHistory() : random_(static_cast<uint64_t>(GetParam())) {}

  int Below(int bound) { return static_cast<int>(random_() % static_cast<uint64_t>(bound)); }

  example::Draft RandomLead(record::Uuid id) {
    sales::v1::Lead lead;
    lead.set_state(static_cast<sales::v1::Lead::State>(1 + Below(3)));
    lead.set_status(static_cast<sales::v1::Lead::Status>(2 + Below(5)));
    lead.set_rating(static_cast<sales::v1::Lead::Rating>(2 + Below(3)));
    lead.set_lead_source(static_cast<sales::v1::Lead::Source>(2 + Below(3)));
    lead.set_owner("users/" + example::Id(static_cast<uint64_t>(Below(3))).Text());
    lead.mutable_create_time()->set_seconds(1'700'000'000 + Below(20));
    lead.set_subject(std::string(static_cast<size_t>(Below(200)), 's'));
    if (Below(3) > 0)
      lead.set_company_name("Company " + std::string(1, static_cast<char>('a' + Below(5))));
    if (Below(3) > 0) lead.set_last_name("Ärger\x01 " + std::to_string(Below(5)));
    return example::Of(lead, id);
  }

  example::Draft RandomTask(record::Uuid id) {
    activity::v1::Task task;
    task.set_state(static_cast<activity::v1::Task::State>(1 + Below(3)));
    task.set_regarding("leads/" + example::Id(static_cast<uint64_t>(Below(4))).Text());
    if (Below(2) > 0) task.mutable_scheduled_end_time()->set_seconds(Below(9) - 4);
    return example::Of(task, id);
  }

  example::Draft RandomDraft() {
    const auto id = example::Id(static_cast<uint64_t>(Below(25)));
    const bool lead = Below(3) > 0;
    if (Below(6) == 0) return example::Deleted(lead ? "leads" : "tasks", id);
    return lead ? RandomLead(id) : RandomTask(id);
  }

  void AddCommit() {
    const std::string tenant = "tenant-" + std::to_string(Below(3));
    std::vector<example::Draft> drafts;
    for (int i = Below(4); i >= 0; --i) drafts.push_back(RandomDraft());
    commits_.Skip(Below(3) == 0 ? Below(5) : 0);
    commits_.Pass(Below(3));
    commits_.Add(tenant, drafts);
  }

  int64_t RandomPosition() { return Below(static_cast<int>(commits_.all().back().position()) + 3); }

  void CheckRecords(const View& view, const Model& model);
  void CheckHistory(const View& view, const Model& model);
  void CheckChanges(const View& view, const Model& model);
  void CheckIndexes(const View& view, const Model& model);
  void CheckScan(const View& view, const IndexRange& whole, int64_t as_of,
                 const std::vector<std::string>& expected);
  void Check(const View& view) {
    const Model model(commits_.all());
    CheckRecords(view, model);
    CheckHistory(view, model);
    CheckChanges(view, model);
    CheckIndexes(view, model);
  }

  std::mt19937_64 random_;
  example::Commits commits_;
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

    const auto time = commits_.time_us() - Below(100);
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
    for (int i = Below(25); i >= 0; --i) AddCommit();
    if (Below(4) == 0) {
      store.reset();
      store = example::Open(disk, memory);
    }
    commits_.ApplyTo(*store, static_cast<size_t>(1 + Below(5)));
    if (Below(4) == 0) store->Flush();
    ASSERT_EQ(store->Load().next, commits_.all().back().position() + 1);
    if (round % 8 == 0) {
      ASSERT_NO_FATAL_FAILURE(Check(store->latest()));
    }
    if (Below(20) == 0) store->Clear();
  }
  commits_.ApplyTo(*store);
  ASSERT_NO_FATAL_FAILURE(Check(*store->Snapshot()));
  EXPECT_EQ(store->skipped(), 0u);

  auto rebuilt = example::Open(Disk::InMemory());
  commits_.ApplyTo(*rebuilt, 1000);
  for (const auto& tenant : store->latest().Tenants()) {
    EXPECT_EQ(store->latest().Verify(tenant), rebuilt->latest().Verify(tenant));
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomHistory, testing::Range(1, 13));

}  // namespace
}  // namespace crm::store
