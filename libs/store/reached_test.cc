#include <gtest/gtest.h>

#include "libs/log/own_record.h"
#include "libs/store/example_commits.h"

// How far reactors are, out of their commits and position records.
namespace crm::store {
namespace {

using event::v1::Reached;

class ReactorPositions : public testing::Test {
 protected:
  ReactorPositions() : store_(example::Open(Disk::InMemory())) {}

  void Apply(log::Envelope envelope, const std::string& value) {
    log::Commit commit;
    commit.events.push_back(
        {next_++, std::make_shared<const std::string>(log::EncodeBody(envelope, value))});
    store_->Apply(std::span(&commit, 1), example::Commits::After(commit));
  }
  void Commit(const std::string& cause, const std::string& tenant = "acme",
              const std::string& client = "reactor/greeter") {
    log::Envelope envelope;
    envelope.set_tenant(tenant);
    envelope.set_client(client);
    envelope.set_cause(cause);
    envelope.set_subject("leads/" + example::Id(1).Text());
    Apply(envelope, "");
  }
  void Note(const std::string& cause, const std::string& tenant = "",
            Reached::Course course = Reached::TOGETHER) {
    Reached reached;
    reached.set_reactor("greeter");
    reached.set_cause(cause);
    reached.set_tenant(tenant);
    reached.set_course(course);
    if (course != Reached::TOGETHER) reached.set_refusal("NO");
    log::Envelope envelope;
    envelope.set_type(std::string(log::kReachedType));
    Apply(envelope, log::ReachedValue(reached));
  }
  int64_t Position() { return store_->latest().Reached("greeter", "sales", 3); }
  std::vector<ApartEntry> Apart() { return store_->latest().Apart("greeter", "sales", 3); }

  std::unique_ptr<Store> store_;
  int64_t next_ = 1;
};

TEST_F(ReactorPositions, AreTheHighestCausesOfCommitsAndRecords) {
  EXPECT_EQ(Position(), -1);
  Commit("sales/3@12");
  EXPECT_EQ(Position(), 12);
  Note("sales/3@20");
  EXPECT_EQ(Position(), 20);
  Commit("sales/3@15");
  Commit("sales/2@99");
  Commit("sales/3@77", "acme", "reactor/other");
  Commit("sales/3@78", "acme", "api");
  EXPECT_EQ(Position(), 20);
  EXPECT_EQ(store_->latest().Reached("other", "sales", 3), 77);
  EXPECT_EQ(store_->skipped(), 0u);
}

TEST_F(ReactorPositions, OfATenantThatGoesApartAreItsOwn) {
  Commit("sales/3@12");
  Note("sales/3@14", "acme", Reached::APART);
  Commit("sales/3@30", "globex");
  Commit("sales/3@15", "acme");
  EXPECT_EQ(Position(), 30);
  ASSERT_EQ(Apart().size(), 1u);
  EXPECT_EQ(Apart()[0].tenant, "acme");
  EXPECT_EQ(Apart()[0].offset, 15);
  EXPECT_FALSE(Apart()[0].parked);
  Note("sales/3@17", "acme", Reached::PARKED);
  EXPECT_TRUE(Apart()[0].parked);
  EXPECT_EQ(Apart()[0].offset, 17);
  EXPECT_EQ(Apart()[0].refusal, "NO");
  Note("sales/3@40", "acme");
  EXPECT_TRUE(Apart().empty());
  EXPECT_EQ(Position(), 40);
}

TEST_F(ReactorPositions, AreReadAnewFromTheStore) {
  Note("sales/3@17", "acme", Reached::PARKED);
  Commit("sales/3@30", "globex");
  log::Automaton::State state;
  state.log_id = 7;
  state.next = 30;
  store_->PutReading("greeter/sales/3/", state);
  EXPECT_EQ(store_->latest().Reading("greeter/sales/3/"), state);
  store_->PutReading("greeter/sales/3/", {});
  EXPECT_EQ(store_->latest().Reading("greeter/sales/3/"), log::Automaton::State());
  EXPECT_EQ(store_->Snapshot()->Apart("greeter", "sales", 3).size(), 1u);
}

}  // namespace
}  // namespace crm::store
