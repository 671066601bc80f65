#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <optional>

#include "libs/log/temporary_folder.h"
#include "libs/store/example_commits.h"

// A commit that ends the process twice parks its tenant. Only a mutation makes one that does.
#ifdef RECALL_MUTATIONS
namespace crm::store {
namespace {

constexpr const char* kFolder = "CRM_PARKING_TEST";

// A death test begins anew in a process of its own, and goes on in the folder of the one that
// started it.
class Parking : public testing::Test {
 protected:
  Parking() {
    testing::FLAGS_gtest_death_test_style = "threadsafe";
    if (const char* folder = std::getenv(kFolder)) {
      options_.path = folder;
    } else {
      own_.emplace();
      options_.path = own_->path() + "/store";
      setenv(kFolder, options_.path.c_str(), 1);
    }
    options_.mutations = Mutations(Mutation::kPoison);
    options_.load_from_messages = 1'000'000;
    Add("acme", "Bolt", 1);
    Add("other", "Bolt", 1);
    Add("acme", "a poison pill", 2);
    Add("other", "Nut", 2);
    Add("acme", "Nut", 3);
  }
  ~Parking() override {
    if (own_) unsetenv(kFolder);
  }

  void Add(const std::string& tenant, const std::string& company, uint64_t number) {
    sales::v1::Lead lead;
    lead.set_company_name(company);
    commits_.Add(tenant, {example::Of(lead, example::Id(number), "created")});
  }
  std::unique_ptr<Store> Open() {
    auto store = Store::Open(options_, example::BuiltIn());
    EXPECT_TRUE(store) << store.error().text;
    return std::move(*store);
  }
  void Apply() {
    const auto store = Open();
    if (options_.load_from_messages == 1) store->Expect(commits_.all().back().position() + 1);
    commits_.ApplyTo(*store);
  }
  static RecordKey Key(const Store& store, const std::string& tenant, uint64_t number) {
    return {store.latest().Tenant(tenant)->number, example::Type("leads").number,
            example::Id(number)};
  }
  void ExpectParked(const Store& store) {
    const auto& view = store.latest();
    EXPECT_EQ(store.parked(), 1u);
    EXPECT_TRUE(view.Tenant("acme")->parked);
    EXPECT_FALSE(view.Tenant("other")->parked);
    EXPECT_TRUE(view.Record(Key(store, "acme", 1)));
    EXPECT_FALSE(view.Record(Key(store, "acme", 2)));
    EXPECT_FALSE(view.Record(Key(store, "acme", 3)));
    EXPECT_TRUE(view.Record(Key(store, "other", 1)));
    EXPECT_TRUE(view.Record(Key(store, "other", 2)));
    EXPECT_EQ(view.applied(), commits_.all().back().position() + 1);
  }
  void FailTwiceAndPark() {
    EXPECT_DEATH(Apply(), "broken invariant");
    EXPECT_DEATH(Apply(), "broken invariant");
    {
      const auto store = Open();
      commits_.ApplyTo(*store);
      ExpectParked(*store);
      store->Flush();
    }
  }

  std::optional<log::TemporaryFolder> own_;
  StoreOptions options_;
  example::Commits commits_;
};

using ParkingDeathTest = Parking;

TEST_F(ParkingDeathTest, TakesTwoFailuresOfTheSameCommit) {
  FailTwiceAndPark();
  // It stays so, also for what comes later.
  Add("acme", "Late", 4);
  Add("other", "Late", 4);
  const auto store = Open();
  commits_.ApplyTo(*store);
  ExpectParked(*store);
  EXPECT_FALSE(store->latest().Record(Key(*store, "acme", 4)));
  EXPECT_TRUE(store->latest().Record(Key(*store, "other", 4)));
}

TEST_F(ParkingDeathTest, EndsWhenTheProjectionsAreBuiltAnewByAReleaseThatCan) {
  FailTwiceAndPark();
  std::filesystem::remove_all(options_.path);
  options_.mutations = {};
  const auto store = Open();
  commits_.ApplyTo(*store);
  EXPECT_EQ(store->parked(), 0u);
  EXPECT_TRUE(store->latest().Record(Key(*store, "acme", 2)));
}

}  // namespace
}  // namespace crm::store
#endif
