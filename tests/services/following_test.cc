#include <gtest/gtest.h>

#include "crm/sales/v1/lead.pb.h"
#include "services/sales/sales.h"
#include "tests/services/calm.h"

// A service keeps copies of another one's records, up to date, and nobody writes them there.
namespace crm::services {
namespace {

using sales::v1::Lead;
using test::v1::Greeting;
using test::v1::Reminder;

Lead LeadCalled(uint64_t number, const std::string& name) {
  Lead lead;
  lead.set_name(NameOf("leads", number));
  lead.set_subject("chairs");
  lead.set_last_name(name);
  return lead;
}

Reminder About(uint64_t number, const std::string& lead) {
  Reminder reminder;
  reminder.set_name(NameOf("reminders", number));
  reminder.set_subject("call");
  reminder.set_lead(lead);
  return reminder;
}

class Following : public testing::Test {
 protected:
  Node& AddSales() {
    Node& node = calm_.Add("sales");
    sales::RegisterSales(node.behaviours);
    node.Start();
    return node;
  }
  Node& AddFollower(std::vector<std::string> indexes = {"state,rating"}) {
    Node& node = calm_.Add("test");
    node.Follow({"sales", {{"leads", std::move(indexes)}}, {}});
    return node;
  }
  bool Caught(Node& node) {
    return calm_.Until([&] {
      return node.store().latest().Replicated("sales", 0).next ==
             static_cast<int64_t>(calm_.LogOf("sales").size(0));
    });
  }

  Calm calm_{7};
};

TEST_F(Following, CopiesRecordsAsTheyChangeAndGo) {
  Node& source = AddSales();
  Node& test = AddFollower();
  test.Start();
  ASSERT_EQ(source.Create(LeadCalled(1, "Ana")).status.code(), record::kOk);
  ASSERT_EQ(source.Create(LeadCalled(2, "Ion")).status.code(), record::kOk);
  ASSERT_TRUE(Caught(test));
  EXPECT_EQ(test.Find(NameOf("leads", 1)), source.Find(NameOf("leads", 1)));

  Lead changed = LeadCalled(1, "Anca");
  ASSERT_EQ(source.Update(changed, {"last_name"}).status.code(), record::kOk);
  ASSERT_EQ(source.Delete(NameOf("leads", 2)).status.code(), record::kOk);
  ASSERT_TRUE(Caught(test));
  EXPECT_EQ(test.Get<Lead>(NameOf("leads", 1)).last_name(), "Anca");
  EXPECT_EQ(test.Find(NameOf("leads", 2)), "");
}

TEST_F(Following, KeepsTheIndexesThatAreAskedFor) {
  Node& source = AddSales();
  Node& test = AddFollower();
  test.Start();
  source.Create(LeadCalled(1, "Ana"));
  source.Create(LeadCalled(2, "Ion"));
  source.Delete(NameOf("leads", 2));
  ASSERT_TRUE(Caught(test));
  const auto* type = TheCatalogue().FindType("leads");
  const auto& view = test.store().latest();
  const auto tenant = view.Tenant(kTenant)->number;
  auto found = view.Scan({tenant, type->number, type->FindIndex("state,rating")->number, "", ""});
  ASSERT_TRUE(found->Valid());
  EXPECT_EQ(found->id(), record::Name::Parse(NameOf("leads", 1))->id);
  found->Next();
  EXPECT_FALSE(found->Valid());
  EXPECT_FALSE(view.Scan({tenant, type->number, 0, "", ""})->Valid());  // create_time
}

TEST_F(Following, ChecksReferencesAgainstReplicas) {
  Node& source = AddSales();
  Node& test = AddFollower();
  test.Start();
  source.Create(LeadCalled(1, "Ana"));
  ASSERT_TRUE(Caught(test));
  EXPECT_EQ(test.Create(About(1, NameOf("leads", 1))).status.code(), record::kOk);
  const auto refused = test.Create(About(2, NameOf("leads", 9)));
  EXPECT_EQ(refused.status.code(), record::kInvalidArgument);
  EXPECT_EQ(record::ReasonOf(refused.status), "BAD_REFERENCE");
}

TEST_F(Following, KnowsRecordsOfServicesThatItDoesNotFollowByTheirFormOnly) {
  Node& test = calm_.Add("test");
  test.Start();
  EXPECT_EQ(test.Create(About(2, NameOf("leads", 9))).status.code(), record::kOk);
}

TEST_F(Following, LetsNobodyWriteReplicas) {
  Node& source = AddSales();
  Node& test = AddFollower();
  test.Start();
  source.Create(LeadCalled(1, "Ana"));
  ASSERT_TRUE(Caught(test));
  for (const auto& outcome :
       {test.Create(LeadCalled(5, "Eva")), test.Update(LeadCalled(1, "Eva"), {"last_name"}),
        test.Delete(NameOf("leads", 1))}) {
    EXPECT_EQ(record::ReasonOf(outcome.status), "OTHER_SERVICE");
  }
  EXPECT_EQ(test.Find(NameOf("leads", 1)), source.Find(NameOf("leads", 1)));
}

TEST_F(Following, LeavesTheTenantsClockAndHashesAlone) {
  Node& source = AddSales();
  Node& test = AddFollower();
  test.Start();
  source.Create(LeadCalled(1, "Ana"));
  ASSERT_TRUE(Caught(test));
  const auto tenant = test.store().latest().Tenant(kTenant);
  ASSERT_TRUE(tenant);
  EXPECT_EQ(tenant->time_us, 0);
  EXPECT_TRUE(tenant->loading);
  EXPECT_TRUE(test.store().latest().Verify(kTenant).empty());
  EXPECT_FALSE(source.store().latest().Verify(kTenant).empty());
}

TEST_F(Following, GoesOnAfterACrashAndFromNothing) {
  Node& source = AddSales();
  Node& test = AddFollower();
  test.Start();
  source.Create(LeadCalled(1, "Ana"));
  ASSERT_TRUE(Caught(test));
  test.store().Flush();
  source.Create(LeadCalled(2, "Ion"));
  ASSERT_TRUE(Caught(test));
  test.Crash();
  test.Start();
  EXPECT_EQ(test.Find(NameOf("leads", 2)), "");
  ASSERT_TRUE(Caught(test));
  EXPECT_NE(test.Find(NameOf("leads", 2)), "");
  test.store().Clear();
  test.Crash();
  test.Start();
  EXPECT_EQ(test.Find(NameOf("leads", 1)), "");
  ASSERT_TRUE(Caught(test));
  EXPECT_EQ(test.Find(NameOf("leads", 1)), source.Find(NameOf("leads", 1)));
}

TEST_F(Following, IsDoneByStandbysToo) {
  Node& source = AddSales();
  Node& test = AddFollower();
  test.Start(false);
  source.Create(LeadCalled(1, "Ana"));
  ASSERT_TRUE(Caught(test));
  EXPECT_EQ(test.Find(NameOf("leads", 1)), source.Find(NameOf("leads", 1)));
  EXPECT_FALSE(test.shard().owning());
}

// C3: what was there when the claim counted is read before anything is decided.
TEST_F(Following, DecidesNothingBeforeItHasCaughtUp) {
  Node& source = AddSales();
  source.Create(LeadCalled(1, "Ana"));
  Node& test = AddFollower();
  test.Start();
  log::SimulatedFaults away;
  away.unreachable = 1;
  calm_.LogOf("sales").set_faults(away);
  std::optional<shard::Outcome> outcome;
  shard::Command command;
  command.method = TheCatalogue().FindMethod("/crm.record.v1.Records/CreateRecord");
  command.principal = {kTenant, kUser, "", "api"};
  shard::Write write;
  write.type = TheCatalogue().FindType("reminders");
  write.image = About(1, NameOf("leads", 1)).SerializeAsString();
  command.writes.push_back(std::move(write));
  command.done = [&](shard::Outcome done) { outcome = std::move(done); };
  test.shard().Submit(std::make_unique<shard::Command>(std::move(command)));
  for (int i = 0; i < 1'000; ++i) calm_.Pass(1'000);
  EXPECT_EQ(test.shard().owner().role(), log::Owner::Role::kOwner);
  EXPECT_FALSE(test.shard().owning());
  EXPECT_FALSE(outcome);
  calm_.LogOf("sales").set_faults({});
  ASSERT_TRUE(calm_.Until([&] { return outcome.has_value(); }));
  EXPECT_EQ(outcome->status.code(), record::kOk) << outcome->status.message();
}

TEST_F(Following, StopsAtAnotherOrAShorterLog) {
  Node& source = AddSales();
  Node& test = AddFollower();
  test.Start();
  source.Create(LeadCalled(1, "Ana"));
  ASSERT_TRUE(Caught(test));
  source.Crash();
  calm_.LogOf("sales").Cut(0, 1);
  ASSERT_TRUE(
      calm_.Until([&] { return test.shard().owner().role() == log::Owner::Role::kStopped; }));
  EXPECT_NE(test.shard().trouble().find("following sales"), std::string::npos);
  EXPECT_FALSE(test.shard().owning());
}

// A broker that is far answers late: what was asked before the claim counted is not what it waits
// for.
TEST_F(Following, AsksForTheEndAnewOnceItsClaimCounts) {
  AddSales().Create(LeadCalled(1, "Ana"));
  Node& test = AddFollower();
  test.Start(false);
  ASSERT_TRUE(Caught(test));
  auto& log = calm_.LogOf("sales");
  log.set_faults({.aside_held = 1});
  ASSERT_TRUE(calm_.Until([&] { return log.held_aside() > 0; }));
  const size_t before = log.held_aside();
  test.Assign(true);
  ASSERT_TRUE(calm_.Until([&] { return test.shard().owner().role() == log::Owner::Role::kOwner; }));
  EXPECT_GT(log.held_aside(), before);
  EXPECT_FALSE(test.shard().owning());
  log.AskAside();
  ASSERT_TRUE(calm_.Until([&] { return test.shard().owning(); }));
}

TEST_F(Following, WritesOnWhileItsSourceIsLookedAtAndStopsOnceAFaultIsFound) {
  Node& source = AddSales();
  Node& test = AddFollower();
  test.Start();
  source.Create(LeadCalled(1, "Ana"));
  ASSERT_TRUE(Caught(test));
  source.Crash();
  auto& log = calm_.LogOf("sales");
  const auto end = static_cast<int64_t>(log.size(0));
  const auto first = std::make_shared<const std::string>(log.body(0, 0));
  log.set_faults({.aside_held = 1});
  log.Cut(0, end - 1);
  log.Put(0, first);
  for (int i = 0; i < 11'000; ++i) calm_.Pass(1'000);
  ASSERT_GT(log.held_aside(), 0u);
  EXPECT_EQ(test.Create(About(1, NameOf("leads", 1))).status.code(), record::kOk);
  log.AskAside();
  ASSERT_TRUE(
      calm_.Until([&] { return test.shard().owner().role() == log::Owner::Role::kStopped; }));
  EXPECT_NE(test.shard().trouble().find("is not the one that was read there"), std::string::npos);
}

TEST_F(Following, TellsHowFarItIs) {
  Node& source = AddSales();
  Node& test = AddFollower();
  test.Start();
  source.Create(LeadCalled(1, "Ana"));
  ASSERT_TRUE(Caught(test));
  const int64_t now = calm_.clock.Boottime();
  const auto& following = *test.shard().replications().front();
  // The source is idle, and nothing is missing all the same: its end was asked for.
  ASSERT_TRUE(calm_.Until([&] { return following.current_as_of() >= now; }));
  EXPECT_EQ(following.applied(), static_cast<int64_t>(calm_.LogOf("sales").size(0)));
  EXPECT_EQ(following.end(), following.applied());
  EXPECT_EQ(following.skipped(), 0u);
}

// A newer program's event has a place in its own log only.
TEST_F(Following, PassesOverWhatItDoesNotKnowAndCountsIt) {
  Node& source = AddSales();
  Node& test = AddFollower();
  test.Start();
  source.Create(LeadCalled(1, "Ana"));
  ASSERT_TRUE(Caught(test));
  source.Crash();
  auto& log = calm_.LogOf("sales");
  const auto& last = log.body(0, static_cast<int64_t>(log.size(0)) - 1);
  log::Envelope envelope;
  ASSERT_TRUE(envelope.ParseFromString(std::string(log::SplitBody(last)->envelope)));
  envelope.set_seq(envelope.seq() + 1);
  envelope.set_type("crm.sales.v1.quote.created");
  envelope.set_subject(NameOf("quotes", 1));
  log.Put(0, std::make_shared<const std::string>(log::EncodeBody(envelope, "\x9a\x03\x00")));
  ASSERT_TRUE(Caught(test));
  EXPECT_EQ(test.shard().replications().front()->skipped(), 1u);
}

// Tenants such as `system` belong to every partition, the others to their own.
TEST(FollowingPartitions, KeepEachTheirOwnTenantsAndThoseOfAll) {
  Calm calm(8, 2);
  Node* sources[] = {&calm.Add("sales", 0), &calm.Add("sales", 1)};
  Node* tests[] = {&calm.Add("test", 0), &calm.Add("test", 1)};
  for (Node* node : sources) {
    sales::RegisterSales(node->behaviours);
    node->Start();
  }
  tests[0]->Follow({"sales", {{"leads", {}}}, {"system"}}, {0});
  tests[1]->Follow({"sales", {{"leads", {}}}, {"system"}}, {1, 0});
  for (Node* node : tests) node->Start();
  sources[0]->Create(LeadCalled(1, "System"), "system");
  sources[0]->Create(LeadCalled(2, "Ana"), "acme");
  sources[1]->Create(LeadCalled(3, "Ion"), "globex");
  ASSERT_TRUE(calm.Until([&] {
    return tests[0]->Find(NameOf("leads", 2)) != "" &&
           tests[1]->Find(NameOf("leads", 3), "globex") != "" &&
           tests[1]->store().latest().Replicated("sales", 0).next ==
               static_cast<int64_t>(calm.LogOf("sales").size(0));
  }));
  EXPECT_NE(tests[0]->Find(NameOf("leads", 1), "system"), "");
  EXPECT_NE(tests[1]->Find(NameOf("leads", 1), "system"), "");
  EXPECT_EQ(tests[0]->Find(NameOf("leads", 3), "globex"), "");
  EXPECT_EQ(tests[1]->Find(NameOf("leads", 2)), "");
}

// An event of a type that is another service's has no place in a store, whoever wrote it.
TEST(Hosting, IsWhatTheServicesRootEventsSay) {
  const auto& catalogue = TheCatalogue();
  EXPECT_TRUE(catalogue.FindType("reminders")->HostedBy("test"));
  EXPECT_FALSE(catalogue.FindType("reminders")->HostedBy("sales"));
  EXPECT_TRUE(catalogue.FindType("leads")->HostedBy("sales"));
  EXPECT_FALSE(catalogue.FindType("leads")->HostedBy("test"));
  EXPECT_EQ(catalogue.FindType("notes")->services, (std::vector<std::string>{"sales", "test"}));
}

}  // namespace
}  // namespace crm::services
