#include "libs/store/snapshots.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "libs/log/temporary_folder.h"
#include "libs/store/example_catalogue.h"
#include "libs/store/example_log.h"

// Snapshots in a folder: taken, given back, and passed over where they do not fit.
namespace crm::store {
namespace {

namespace fs = std::filesystem;

class SnapshotsTest : public testing::Test {
 protected:
  SnapshotsTest()
      : place_(FolderPlace(folder_.path() + "/kept")), snapshots_(*place_, "sales/0", "", 2) {
    Begin("log", 7);
  }

  void Begin(const std::string& name, uint64_t claim) {
    writer_.reset();
    log_ = example::OpenLog(folder_.path() + '/' + name);
    writer_ = std::make_unique<example::LogWriter>(*log_, claim);
  }
  void AddLeads(int count) {
    for (int i = 0; i < count; ++i) {
      sales::v1::Lead lead;
      lead.set_company_name("Company " + std::to_string(next_));
      example::Commits one;
      one.Add("acme", {example::Of(lead, example::Id(next_++), "created")});
      writer_->Add(*one.all().front().events.front().body);
    }
    writer_->Send();
  }
  StoreOptions Options(const std::string& name) {
    StoreOptions options;
    options.path = folder_.path() + '/' + name;
    return options;
  }
  std::unique_ptr<Store> Open(const std::string& name) {
    auto store = Store::Open(Options(name), example::BuiltIn());
    EXPECT_TRUE(store) << store.error().text;
    return std::move(*store);
  }
  std::optional<int64_t> Restore(const std::string& name,
                                 const record::Catalogue& catalogue = example::BuiltIn()) {
    said_.clear();
    return snapshots_.Restore(Options(name), catalogue, *log_, 0,
                              [this](const std::string& text) { said_ += text + '\n'; });
  }
  std::vector<std::string> Names(const std::string& prefix) {
    auto names = place_->List("sales/0/" + prefix);
    EXPECT_TRUE(names);
    return *names;
  }
  void Damage(const std::string& name) {
    std::fstream file(folder_.path() + "/kept/" + name,
                      std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(20);
    file.write("damage", 6);
  }

  log::TemporaryFolder folder_;
  std::unique_ptr<SnapshotPlace> place_;
  Snapshots snapshots_;
  std::unique_ptr<log::Log> log_;
  std::unique_ptr<example::LogWriter> writer_;
  uint64_t next_ = 0;
  std::string said_;
};

TEST_F(SnapshotsTest, AreGivenBackAndTheRestIsReadFromTheLog) {
  AddLeads(300);
  const auto store = Open("store");
  example::Follow(*log_, *store);
  const auto position = snapshots_.Take(*store);
  ASSERT_TRUE(position) << position.error().text;
  EXPECT_EQ(*position, 301);
  AddLeads(20);
  example::Follow(*log_, *store);

  EXPECT_EQ(Restore("restored"), 301);
  EXPECT_EQ(said_, "");
  const auto restored = Open("restored");
  EXPECT_EQ(example::Follow(*log_, *restored), 20);
  EXPECT_EQ(restored->Load(), store->Load());
  EXPECT_EQ(restored->latest().Verify("acme"), store->latest().Verify("acme"));
}

TEST_F(SnapshotsTest, NothingIsDoneWhereAStoreIs) {
  AddLeads(3);
  const auto store = Open("store");
  example::Follow(*log_, *store);
  ASSERT_TRUE(snapshots_.Take(*store));
  EXPECT_EQ(Restore("store"), std::nullopt);
  EXPECT_EQ(said_, "");
}

TEST_F(SnapshotsTest, TheNewestAreKeptAndShareTheirFiles) {
  const auto store = Open("store");
  for (int i = 0; i < 4; ++i) {
    AddLeads(100);
    example::Follow(*log_, *store);
    ASSERT_TRUE(snapshots_.Take(*store));
    ASSERT_TRUE(snapshots_.Take(*store));  // nothing new: nothing happens
  }
  std::vector<std::string> manifests;
  for (const auto& name : Names("")) {
    if (name.ends_with(".manifest")) manifests.push_back(name);
  }
  ASSERT_EQ(manifests.size(), 2u);
  EXPECT_TRUE(manifests[1].ends_with("00401.manifest")) << manifests[1];
  size_t in_both = 0;
  for (const auto& name : manifests) {
    std::ifstream in(folder_.path() + "/kept/" + name);
    for (std::string line; std::getline(in, line);) in_both += line.starts_with("file ") ? 1 : 0;
  }
  EXPECT_LT(Names("files/").size(), in_both);
  EXPECT_EQ(Restore("restored"), 401);
}

// Two processes with one folder: none removes what the other needs, and a third one takes the
// newest of all.
TEST_F(SnapshotsTest, OfSeveralTakersAreKeptApart) {
  Snapshots first(*place_, "sales/0", "one", 1);
  Snapshots second(*place_, "sales/0", "two", 1);
  const auto one = Open("one");
  const auto two = Open("two");
  for (int i = 0; i < 3; ++i) {
    AddLeads(100);
    example::Follow(*log_, *one);
    ASSERT_TRUE(first.Take(*one));
    AddLeads(100);
    example::Follow(*log_, *two);
    ASSERT_TRUE(second.Take(*two));
  }
  EXPECT_EQ(Restore("restored"), 601);
  EXPECT_EQ(said_, "");
  // That one's files are gone: the other's is whole.
  fs::remove_all(folder_.path() + "/kept/sales/0/by-two/files");
  EXPECT_EQ(Restore("again"), 501);
  const auto restored = Open("again");
  EXPECT_EQ(example::Follow(*log_, *restored), 100);
  EXPECT_EQ(restored->latest().Verify("acme"), two->latest().Verify("acme"));
}

TEST_F(SnapshotsTest, ADamagedOneIsPassedOverForTheOneBefore) {
  const auto store = Open("store");
  AddLeads(100);
  example::Follow(*log_, *store);
  ASSERT_TRUE(snapshots_.Take(*store));
  const auto before = Names("files/");
  AddLeads(100);
  example::Follow(*log_, *store);
  ASSERT_TRUE(snapshots_.Take(*store));
  for (const auto& name : Names("files/")) {
    if (std::find(before.begin(), before.end(), name) == before.end()) Damage(name);
  }
  EXPECT_EQ(Restore("restored"), 101);
  EXPECT_NE(said_.find("00201.manifest was passed over"), std::string::npos) << said_;
  EXPECT_NE(said_.find("is damaged"), std::string::npos) << said_;
}

TEST_F(SnapshotsTest, ADamagedManifestIsPassedOver) {
  const auto store = Open("store");
  AddLeads(10);
  example::Follow(*log_, *store);
  ASSERT_TRUE(snapshots_.Take(*store));
  for (const auto& name : Names("")) {
    if (name.ends_with(".manifest")) Damage(name);
  }
  EXPECT_EQ(Restore("restored"), std::nullopt);
  EXPECT_NE(said_.find("its manifest is damaged"), std::string::npos) << said_;
  EXPECT_FALSE(fs::exists(Options("restored").path + "/CURRENT"));
}

TEST_F(SnapshotsTest, OneOfAnotherLogIsPassedOver) {
  const auto store = Open("store");
  AddLeads(10);
  example::Follow(*log_, *store);
  ASSERT_TRUE(snapshots_.Take(*store));
  Begin("another", 8);
  AddLeads(20);
  EXPECT_EQ(Restore("restored"), std::nullopt);
  EXPECT_NE(said_.find("another log"), std::string::npos) << said_;
}

TEST_F(SnapshotsTest, OneThatIsAheadOfTheLogIsPassedOver) {
  const auto store = Open("store");
  AddLeads(10);
  example::Follow(*log_, *store);
  ASSERT_TRUE(snapshots_.Take(*store));
  Begin("cut", 7);
  AddLeads(4);
  EXPECT_EQ(Restore("restored"), std::nullopt);
  EXPECT_NE(said_.find("the log ends at 5"), std::string::npos) << said_;
}

TEST_F(SnapshotsTest, OfOtherIndexesFitsAndIsChanged) {
  const auto store = Open("store");
  AddLeads(10);
  example::Follow(*log_, *store);
  ASSERT_TRUE(snapshots_.Take(*store));
  const auto other = example::WithLeads([](record::v1::Record& leads) {
    example::DeclaredIndex(leads, "state,rating")->set_past(false);
  });
  EXPECT_EQ(Restore("restored", *other), 11);
  auto opened = Store::Open(Options("restored"), *other);
  ASSERT_TRUE(opened) << opened.error().text;
  EXPECT_EQ((*opened)->applied(), 11);
}

TEST_F(SnapshotsTest, OfOtherRecordsIsPassedOver) {
  const auto store = Open("store");
  AddLeads(10);
  example::Follow(*log_, *store);
  ASSERT_TRUE(snapshots_.Take(*store));
  auto options = Options("restored");
  options.service = "sales";
  EXPECT_EQ(snapshots_.Restore(options, example::BuiltIn(), *log_, 0,
                               [this](const std::string& text) { said_ += text; }),
            std::nullopt);
  EXPECT_NE(said_.find("was built to keep other records"), std::string::npos) << said_;
}

}  // namespace
}  // namespace crm::store
