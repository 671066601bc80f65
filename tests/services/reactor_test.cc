#include <gtest/gtest.h>

#include "services/sales/sales.h"
#include "tests/services/calm.h"
#include "tests/services/test_service.h"

// A service reacts to another one's events, once to each, whatever happens in between.
namespace crm::services {
namespace {

using sales::v1::Lead;
using test::v1::Greeting;

constexpr int64_t kDay = 24LL * 3600 * 1'000'000;

class Reactors : public testing::Test {
 protected:
  Reactors() : sales_(calm_.Add("sales")) {
    Forbidden().clear();
    sales::RegisterSales(sales_.behaviours);
    sales_.Start();
  }
  Node& AddReacting(bool assigned = true) {
    Node& node = calm_.Add("test");
    RegisterTest(node.behaviours);
    node.React(kGreeter, "sales");
    node.Start(assigned);
    return node;
  }
  void CreateLead(uint64_t number, const std::string& name, const std::string& tenant = kTenant) {
    Lead lead;
    lead.set_name(NameOf("leads", number));
    lead.set_subject("chairs");
    lead.set_last_name(name);
    ASSERT_EQ(sales_.Create(lead, tenant).status.code(), record::kOk);
  }
  size_t Greeted(Node& node, const std::string& tenant = kTenant) {
    return node.All("greetings", tenant).size();
  }
  bool Greets(Node& node, size_t count, const std::string& tenant = kTenant) {
    return calm_.Until([&] { return Greeted(node, tenant) == count; });
  }
  // Long enough for everything that could still happen.
  void Rest() {
    for (int i = 0; i < 300; ++i) calm_.Pass(100'000);
  }
  int64_t Reached(Node& node) { return node.store().latest().Reached(kGreeter, "sales", 0); }
  std::string OneGreeting(Node& node) { return node.All("greetings").begin()->second; }

  Calm calm_{11};
  Node& sales_;
};

TEST_F(Reactors, LeaveWhatTheyPutInTheirOwnLogWithItsCause) {
  Node& test = AddReacting();
  CreateLead(1, "Ana");
  ASSERT_TRUE(Greets(test, 1));
  Greeting greeting;
  greeting.ParseFromString(OneGreeting(test));
  EXPECT_EQ(greeting.text(), "Welcome, Ana!");
  EXPECT_EQ(greeting.create_user(), "system");
  EXPECT_EQ(greeting.cause(), "sales/0@" + std::to_string(Reached(test)));
  const auto& log = calm_.LogOf("test");
  log::Envelope envelope;
  const auto parts = log::SplitBody(log.body(0, static_cast<int64_t>(log.size(0)) - 1));
  ASSERT_TRUE(envelope.ParseFromString(std::string(parts->envelope)));
  EXPECT_EQ(envelope.type(), "crm.test.v1.greeting.created");
  EXPECT_EQ(envelope.cause(), greeting.cause());
  EXPECT_EQ(envelope.client(), "reactor/greeter");
  EXPECT_EQ(envelope.on_behalf_of(), kUser);
}

TEST_F(Reactors, DoItOnceOverCrashesAndFromNothing) {
  Node* test = &AddReacting();
  for (uint64_t i = 1; i <= 20; ++i) CreateLead(i, "Ana");
  ASSERT_TRUE(Greets(*test, 20));
  test->Crash();
  test->Start();
  Rest();
  EXPECT_EQ(Greeted(*test), 20u);
  test->store().Clear();
  test->Crash();
  calm_.clock.Advance(kDay + 3600LL * 1'000'000);  // no request id is remembered so long
  test->Start();
  CreateLead(21, "Ion");
  ASSERT_TRUE(Greets(*test, 21));
  Rest();
  EXPECT_EQ(Greeted(*test), 21u);
}

TEST_F(Reactors, AreTakenOverWhereTheyAre) {
  Node& first = AddReacting();
  Node& second = AddReacting(false);
  for (uint64_t i = 1; i <= 5; ++i) CreateLead(i, "Ana");
  ASSERT_TRUE(Greets(first, 5));
  first.Assign(false);
  second.Assign(true);
  for (uint64_t i = 6; i <= 10; ++i) CreateLead(i, "Ion");
  ASSERT_TRUE(Greets(second, 10));
  second.Assign(false);
  first.Assign(true);
  CreateLead(11, "Eva");
  ASSERT_TRUE(Greets(first, 11));
  Rest();
  EXPECT_EQ(Greeted(first), 11u);
  EXPECT_EQ(Greeted(second), 11u);
}

// X2: at the latest after ten seconds, or a thousand causes.
TEST_F(Reactors, NoteHowFarTheyAreWhereThereIsNothingToDo) {
  Node& test = AddReacting();
  CreateLead(1, kUnwelcome);
  const auto last = static_cast<int64_t>(calm_.LogOf("sales").size(0)) - 1;
  for (int i = 0; i < 90; ++i) calm_.Pass(100'000);
  EXPECT_EQ(Reached(test), -1);
  ASSERT_TRUE(calm_.Until([&] { return Reached(test) == last; }));
  const size_t size = calm_.LogOf("test").size(0);
  Rest();
  EXPECT_EQ(calm_.LogOf("test").size(0), size);
  EXPECT_EQ(Greeted(test), 0u);
}

TEST_F(Reactors, NoteItAfterAThousandCausesAtTheLatest) {
  for (uint64_t i = 1; i <= 1'100; ++i) CreateLead(i, kUnwelcome);
  Node& test = AddReacting();
  ASSERT_TRUE(calm_.Until([&] { return Reached(test) > 0; }));
  EXPECT_LT(calm_.clock.Boottime(), 2'000'000 + 1'100 * 2'000);
}

TEST_F(Reactors, ParkATenantWhoseEventTheyRefuseAndNobodyElse) {
  Forbidden() = {kForbidden};
  Node& test = AddReacting();
  CreateLead(1, kForbidden, "acme");
  CreateLead(2, "Ana", "acme");
  CreateLead(3, "Ion", "globex");
  ASSERT_TRUE(Greets(test, 1, "globex"));
  const auto& reaction = *test.shard().reactions().front();
  ASSERT_TRUE(calm_.Until([&] { return !reaction.facts().parked.empty(); }));
  EXPECT_EQ(reaction.facts().parked[0].tenant, "acme");
  EXPECT_EQ(reaction.facts().parked[0].refusal, "FORBIDDEN: No.");
  EXPECT_EQ(reaction.facts().refused, 5u);
  CreateLead(4, "Eva", "globex");
  ASSERT_TRUE(Greets(test, 2, "globex"));
  Rest();
  EXPECT_EQ(Greeted(test, "acme"), 0u);
}

TEST_F(Reactors, StayParkedOverACrashAndFromNothing) {
  Forbidden() = {kForbidden};
  Node& test = AddReacting();
  CreateLead(1, kForbidden);
  CreateLead(2, "Ana");
  const auto parked = [&] { return test.shard().reactions().front()->facts().parked; };
  ASSERT_TRUE(calm_.Until([&] { return !parked().empty(); }));
  const auto cause = parked()[0].cause;
  Forbidden().clear();
  for (const bool clear : {false, true}) {
    if (clear) test.store().Clear();
    test.Crash();
    test.Start();
    Rest();
    ASSERT_EQ(parked().size(), 1u);
    EXPECT_EQ(parked()[0].cause, cause);
    EXPECT_EQ(parked()[0].refusal, "FORBIDDEN: No.");
    EXPECT_EQ(Greeted(test), 0u);
  }
  EXPECT_EQ(test.Order(kGreeter, false).status.code(), record::kOk);
  ASSERT_TRUE(Greets(test, 2));
}

TEST_F(Reactors, GoOnWithTheRefusedEventOrBehindIt) {
  for (const bool skip : {false, true}) {
    Forbidden() = {kForbidden};
    Calm calm(12);
    Node& source = calm.Add("sales");
    sales::RegisterSales(source.behaviours);
    source.Start();
    Node& test = calm.Add("test");
    RegisterTest(test.behaviours);
    test.React(kGreeter, "sales");
    test.Start();
    uint64_t number = 0;
    for (const char* name : {"Ana", kForbidden, "Ion", "Eva"}) {
      Lead lead;
      lead.set_name(NameOf("leads", ++number));
      lead.set_subject("chairs");
      lead.set_last_name(name);
      source.Create(lead);
    }
    const auto facts = [&] { return test.shard().reactions().front()->facts(); };
    ASSERT_TRUE(calm.Until([&] { return !facts().parked.empty(); }));
    EXPECT_EQ(test.All("greetings").size(), 1u);
    if (!skip) Forbidden().clear();
    EXPECT_EQ(test.Order(kGreeter, skip).status.code(), record::kOk);
    const size_t all = skip ? 3 : 4;
    ASSERT_TRUE(calm.Until([&] { return test.All("greetings").size() == all; }));
    ASSERT_TRUE(
        calm.Until([&] { return test.store().latest().Apart(kGreeter, "sales", 0).empty(); }));
    EXPECT_TRUE(facts().parked.empty());
    // Together again: a crash right now repeats nothing.
    test.store().Clear();
    test.Crash();
    test.Start();
    for (int i = 0; i < 300; ++i) calm.Pass(100'000);
    EXPECT_EQ(test.All("greetings").size(), all);
    EXPECT_EQ(record::ReasonOf(test.Order(kGreeter, skip).status), "NOT_PARKED");
    EXPECT_EQ(record::ReasonOf(test.Order("nobody", skip).status), "UNKNOWN_REACTOR");
  }
}

TEST_F(Reactors, GoOnByThemselvesWhenARefusalDoesNotLast) {
  Forbidden() = {kForbidden};
  Node& test = AddReacting();
  CreateLead(1, kForbidden);
  CreateLead(2, "Ana");
  const auto& reaction = *test.shard().reactions().front();
  ASSERT_TRUE(calm_.Until([&] { return reaction.facts().refused == 2; }));
  Forbidden().clear();
  ASSERT_TRUE(Greets(test, 2));
  ASSERT_TRUE(
      calm_.Until([&] { return test.store().latest().Apart(kGreeter, "sales", 0).empty(); }));
  EXPECT_TRUE(reaction.facts().parked.empty());
}

TEST_F(Reactors, StopAtAnotherLog) {
  Node& test = AddReacting();
  CreateLead(1, "Ana");
  ASSERT_TRUE(Greets(test, 1));
  sales_.Crash();
  calm_.LogOf("sales").Cut(0, 1);
  ASSERT_TRUE(
      calm_.Until([&] { return test.shard().owner().role() == log::Owner::Role::kStopped; }));
  EXPECT_NE(test.shard().trouble().find("reactor greeter"), std::string::npos);
}

}  // namespace
}  // namespace crm::services
