#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <thread>

#include "libs/log/kafka.h"
#include "services/sales/sales.h"
#include "tests/server/kafka.h"
#include "tests/services/calm.h"
#include "tests/services/test_service.h"

// A service that follows sales and reacts to it, both on topics of a real Kafka.
namespace crm::services {
namespace {

using sales::v1::Lead;

std::unique_ptr<log::Log> OpenTopic(const std::string& topic) {
  log::KafkaOptions options;
  options.brokers = test::Kafka::Shared().bootstrap();
  options.topic = topic;
  options.partitions = 1;
  options.allow_unsafe = true;
  auto opened = log::OpenKafka(options);
  if (!opened) ADD_FAILURE() << opened.error().text;
  return std::move(*opened);
}

// One process's shard of a service, with a reader of its own for each log that it follows.
class Member {
 public:
  Member(const std::string& service, const std::string& topic, const std::string& followed)
      : log_(OpenTopic(topic)) {
    options_.service = stored_.service = service;
    options_.source = options_.owner.source = "/crm/" + service;
    options_.dataschema = options_.owner.dataschema = "crm:0#crm." + service + ".v1.Event";
    stored_.path = "/" + service;
    stored_.disk = store::Disk::InMemory();
    if (followed.empty()) {
      sales::RegisterSales(behaviours_);
      return;
    }
    RegisterTest(behaviours_);
    replicas_ = OpenTopic(followed);
    reacting_ = OpenTopic(followed);
    stored_.followed = options_.followed = {{"sales", {{"leads", {}}}, {}}};
    options_.sources = {{"sales", 0, true, replicas_.get()}};
    options_.reacting[kGreeter] = {"sales", 0, true, reacting_.get()};
  }
  ~Member() { Crash(); }

  void Start(bool assigned) {
    auto store = store::Store::Open(stored_, TheCatalogue());
    ASSERT_TRUE(store);
    store_ = std::move(*store);
    shard_ = std::make_unique<shard::Shard>(options_, TheCatalogue(), behaviours_, *log_, *store_,
                                            clock_, random_, [] {});
    shard_->Assign(assigned);
  }
  void Crash() {
    if (shard_) shard_->Stop();
    shard_.reset();
    store_.reset();
  }
  shard::Shard& shard() { return *shard_; }
  store::Store& store() { return *store_; }

  size_t Count(const std::string& collection) const {
    const auto known = store_->latest().Tenant(kTenant);
    const auto* type = TheCatalogue().FindType(collection);
    size_t count = 0;
    if (!known) return count;
    for (auto at = store_->latest().Scan({known->number, type->number, 0, "", ""}); at->Valid();
         at->Next()) {
      ++count;
    }
    return count;
  }

 private:
  shard::Behaviours behaviours_;
  shard::Options options_;
  store::StoreOptions stored_;
  record::SystemClock clock_;
  record::SystemRandom random_;
  std::unique_ptr<log::Log> log_, replicas_, reacting_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<shard::Shard> shard_;
};

class OnKafka : public testing::Test {
 protected:
  // Steps all members until it holds.
  template <class Condition>
  bool Until(std::vector<Member*> members, Condition holds) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!holds() && std::chrono::steady_clock::now() < deadline) {
      bool worked = false;
      for (Member* member : members) worked |= member->shard().Step();
      if (!worked) std::this_thread::yield();
    }
    return holds();
  }
  static void CreateLead(Member& sales, uint64_t number) {
    Lead lead;
    lead.set_subject("chairs");
    lead.set_last_name("Ana");
    shard::Command command;
    command.method = TheCatalogue().FindMethod("/crm.record.v1.Records/CreateRecord");
    command.principal = {kTenant, kUser, "", "api"};
    shard::Write write;
    write.type = TheCatalogue().FindType("leads");
    write.id = record::Name::Parse(NameOf("leads", number))->id;
    write.chosen_id = true;
    write.image = *record::Normalise(*write.type->message, lead.SerializeAsString());
    command.writes.push_back(std::move(write));
    command.done = [](shard::Outcome outcome) {
      EXPECT_EQ(outcome.status.code(), record::kOk) << outcome.status.message();
    };
    sales.shard().Submit(std::make_unique<shard::Command>(std::move(command)));
  }
};

TEST_F(OnKafka, AServiceFollowsAndReactsOnceOverHandOverAndDeletedProjections) {
  Forbidden().clear();
  const auto sales_topic = test::Kafka::NewTopic();
  const auto test_topic = test::Kafka::NewTopic();
  Member sales("sales", sales_topic, "");
  Member first("test", test_topic, sales_topic);
  Member second("test", test_topic, sales_topic);
  sales.Start(true);
  first.Start(true);
  second.Start(false);
  const std::vector<Member*> all = {&sales, &first, &second};
  for (uint64_t i = 1; i <= 50; ++i) CreateLead(sales, i);
  ASSERT_TRUE(Until(all, [&] { return first.Count("greetings") == 50; }));
  EXPECT_EQ(first.store().latest().Replicated("sales", 0).next, sales.shard().applied());

  first.shard().Assign(false);
  second.shard().Assign(true);
  for (uint64_t i = 51; i <= 100; ++i) CreateLead(sales, i);
  ASSERT_TRUE(Until(all, [&] { return second.Count("greetings") == 100; }));

  first.Crash();
  first.Start(false);
  second.shard().Assign(false);
  ASSERT_TRUE(Until(all, [&] { return first.shard().applied() == second.shard().applied(); }));
  first.shard().Assign(true);
  for (uint64_t i = 101; i <= 110; ++i) CreateLead(sales, i);
  ASSERT_TRUE(Until(all, [&] { return first.Count("greetings") >= 110; }));
  ASSERT_TRUE(Until(all, [&] {
    return first.shard().applied() == second.shard().applied() &&
           second.store().latest().Replicated("sales", 0).next == sales.shard().applied();
  }));
  EXPECT_EQ(first.Count("greetings"), 110u);
  EXPECT_EQ(second.Count("greetings"), 110u);
}

}  // namespace
}  // namespace crm::services
