#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "libs/store/example_commits.h"

// Opening a store on what others left: other declarations, damage, another process.
namespace crm::store {
namespace {

using example::Commits;
using testing::TempDir;

example::Draft Lead(uint64_t number) {
  sales::v1::Lead lead;
  lead.set_company_name("Acme");
  return example::Of(lead, example::Id(number), "created");
}

RecordKey Key(uint64_t number) { return {1, example::Type("leads").number, example::Id(number)}; }

class StoreOnDisk : public testing::Test {
 protected:
  StoreOnDisk()
      : folder_(std::filesystem::path(TempDir()) /
                (std::string("store_test_") +
                 testing::UnitTest::GetInstance()->current_test_info()->name())) {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    options_.path = folder_ / "shard" / "0";
    for (uint64_t i = 0; i < 100; ++i) commits_.Add("acme", {Lead(i)});
  }
  ~StoreOnDisk() override { std::filesystem::remove_all(folder_); }

  std::unique_ptr<Store> Open() {
    auto store = Store::Open(options_, example::BuiltIn());
    EXPECT_TRUE(store) << store.error().text;
    return std::move(*store);
  }
  void Fill() {
    const auto store = Open();
    commits_.ApplyTo(*store);
    store->Flush();
  }
  std::vector<std::filesystem::path> Tables() const {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(options_.path)) {
      if (entry.path().extension() == ".sst") files.push_back(entry.path());
    }
    return files;
  }

  std::filesystem::path folder_;
  StoreOptions options_;
  Commits commits_;
};

TEST_F(StoreOnDisk, ContinuesWhereItWas) {
  Fill();
  const auto store = Open();
  EXPECT_EQ(store->Load(), Commits::After(commits_.all().back()));
  EXPECT_TRUE(store->latest().Record(Key(7)));
}

TEST_F(StoreOnDisk, IsRefusedWhileOpenElsewhere) {
  Fill();
  const auto store = Open();
  const auto second = Store::Open(options_, example::BuiltIn());
  EXPECT_FALSE(second);
  EXPECT_TRUE(store->latest().Record(Key(7)));
}

TEST_F(StoreOnDisk, BeginsAnewWhenAFileIsMissing) {
  Fill();
  ASSERT_FALSE(Tables().empty());
  std::filesystem::remove(Tables().front());
  const auto store = Open();
  EXPECT_EQ(store->Load(), log::Automaton::State());
  commits_.ApplyTo(*store);
  EXPECT_TRUE(store->latest().Record(Key(7)));
}

TEST_F(StoreOnDisk, BeginsAnewWhenTheManifestIsDamaged) {
  Fill();
  for (const auto& entry : std::filesystem::directory_iterator(options_.path)) {
    if (!entry.path().filename().string().starts_with("MANIFEST")) continue;
    std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(20);
    file.write("damage", 6);
  }
  const auto store = Open();
  EXPECT_EQ(store->Load(), log::Automaton::State());
}

// Damage that shows only when the row is read ends the process; the next start begins anew.
TEST_F(StoreOnDisk, EndsWhenARowIsDamagedAndBeginsAnew) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";  // a fork has no threads for RocksDB
  Fill();
  const auto tables = Tables();
  const auto largest = std::max_element(tables.begin(), tables.end(), [](auto& a, auto& b) {
    return std::filesystem::file_size(a) < std::filesystem::file_size(b);
  });
  ASSERT_NE(largest, tables.end());
  std::fstream file(*largest, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(10);
  file.write("damage damage", 13);
  file.close();
  EXPECT_DEATH(
      {
        const auto store = Open();
        static_cast<void>(store->latest().Verify("acme"));
      },
      "orruption");
  const auto store = Open();
  EXPECT_EQ(store->Load(), log::Automaton::State());
}

}  // namespace
}  // namespace crm::store
