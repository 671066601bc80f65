#include <gmock/gmock.h>
#include <signal.h>

#include <algorithm>

#include "libs/log/example_messages.h"
#include "libs/log/kafka_message.h"
#include "tests/kafka/ground.h"

// What was seen on real brokers (log.md, section 4), provoked again, with the settings that prevent
// it switched off where that is what it takes: readers show no hole and no double, and owners end
// up right. Where a rule is named, leaving it out shows the damage.
namespace crm::log {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

// What records that are given up after two seconds may need to land where a machine is busy.
constexpr int kBusyMs = 240'000;

class BrokerRegression : public KafkaGround {
 protected:
  // Every acknowledged value is shown, exactly once, and nothing twice.
  void ExpectRight(Desk& desk, int partition = 0) {
    const Values shown = Shown(partition);
    ExpectNoHoleAndNoDouble(desk.decided(), shown);
    for (const std::string& value : desk.Acknowledged()) {
      EXPECT_EQ(std::count(shown.begin(), shown.end(), value), 1) << value;
    }
  }

  // As many messages as there were, of another log.
  void Refill() {
    auto log = Open(1, false);
    Session session(*log, 0, 99, 1);
    ASSERT_TRUE(session.Claim());
    for (int i = 1; i <= 3; ++i) session.Send("other" + std::to_string(i));
    ASSERT_EQ(session.Reports(3).size(), 3u);
  }

  static Values Numbers(int count) {
    Values values;
    for (int i = 1; i <= count; ++i) values.push_back(std::to_string(i));
    return values;
  }
};

// Records time out while the broker stands still, and younger ones land behind the hole.
TEST_F(BrokerRegression, E2_RecordsGivenUpAreAHoleThatReadersStopAt) {
  auto log = Open(2, false, {.settings = {{"message.timeout.ms", "2000"}}, .gathers = false});
  std::unique_ptr<Session> session;
  // On a busy machine the claim may be given up as well, and is no part of what is to be seen.
  ASSERT_TRUE(Await(
      [&] {
        session = std::make_unique<Session>(*log, 0, 77, 2);
        return session->Claim();
      },
      kBusyMs));
  Desk desk(*log, 1, clock_, random_);
  ASSERT_TRUE(desk.Claim());
  int sent = 0;
  auto send = [&](int count) {
    for (int i = 0; i < count; ++i) {
      session->Send(std::to_string(++sent));
      if (desk.owner().may_append()) desk.Send(std::to_string(sent));
      desk.Step(100);
    }
  };
  send(5);
  kafka().Signal(SIGSTOP);
  send(40);
  kafka().Signal(SIGCONT);
  // Until something landed behind the hole: not always the youngest record, for a broker that
  // forgot its producer while it stood still may refuse for good what comes next.
  std::string last;
  ASSERT_TRUE(Await(
      [&] {
        send(1);
        Values landed = Raw(0);
        std::erase(landed, "#claim");
        if (!landed.empty()) last = landed.back();
        return landed != Numbers(static_cast<int>(landed.size()));
      },
      kBusyMs))
      << "nothing landed behind records that were given up";

  const Values shown = Shown(0);
  EXPECT_EQ(shown, Numbers(static_cast<int>(shown.size())));
  EXPECT_THAT(shown, Not(Contains(last)));
  EXPECT_THAT(Shown(0, Mutations(Mutation::kNoSequence)), Contains(last));
  // So may what the owner writes later be given up: then it claims anew.
  std::string after = "after";
  ASSERT_TRUE(Await(
      [&] {
        if (!desk.Claim()) return false;
        after += "+";
        desk.Send(after);
        return desk.AllConfirmed();
      },
      kBusyMs));
  EXPECT_THAT(desk.Acknowledged(), Contains(after));
  ExpectRight(desk, 1);
}

// Not the producer's own log: one client for all partitions, as the rule A1 forbids.
class OneProducer final : public RdKafka::DeliveryReportCb {
 public:
  OneProducer(const KafkaOptions& options, kafka::Ears* ears) : topic_(options.topic) {
    auto conf = kafka::NewConf(options, ears,
                               {{"enable.idempotence", "true"},
                                {"acks", "all"},
                                {"linger.ms", "0"},
                                {"message.timeout.ms", "2000"}});
    std::string why;
    (*conf)->set("dr_cb", static_cast<RdKafka::DeliveryReportCb*>(this), why);
    client_.reset(RdKafka::Producer::create(conf->get(), why));
  }
  void Send(int partition, const Outgoing& message) {
    kafka::Parts parts = kafka::ToParts(*message.body);
    client_->produce(topic_, partition, RdKafka::Producer::RK_MSG_COPY,
                     const_cast<char*>(parts.value.data()), parts.value.size(), nullptr, 0,
                     parts.timestamp_ms, parts.headers,
                     reinterpret_cast<void*>(static_cast<uintptr_t>(message.seq)));
  }
  std::vector<Report> Take(int partition) {
    client_->poll(0);
    return std::exchange(reports_[partition], {});
  }
  void dr_cb(RdKafka::Message& message) override {
    const bool failed = message.err() != RdKafka::ERR_NO_ERROR;
    reports_[message.partition()].push_back(
        {reinterpret_cast<uintptr_t>(message.msg_opaque()),
         failed ? Report::Outcome::kFailed : Report::Outcome::kWritten, message.offset(),
         message.errstr()});
  }

 private:
  const std::string topic_;
  std::map<int, std::vector<Report>> reports_;
  std::unique_ptr<RdKafka::Producer> client_;
};

class WithOneProducer final : public Log {
 public:
  WithOneProducer(std::unique_ptr<Log> log, OneProducer* producer)
      : log_(std::move(log)), producer_(producer) {}
  int partitions() const override { return log_->partitions(); }
  bool exclusive() const override { return false; }
  std::unique_ptr<Producer> NewProducer(int partition, std::function<void()>) override {
    struct Part final : Producer {
      Part(OneProducer* all, int number) : producer(all), partition(number) {}
      void Send(std::vector<Outgoing> messages) override {
        for (const Outgoing& message : messages) producer->Send(partition, message);
      }
      std::vector<Report> TakeReports() override { return producer->Take(partition); }
      OneProducer* producer;
      int partition;
    };
    return std::make_unique<Part>(producer_, partition);
  }
  record::Result<std::vector<Stored>> Read(int partition, int64_t from, size_t bytes) override {
    return log_->Read(partition, from, bytes);
  }
  record::Result<int64_t> End(int partition) override { return log_->End(partition); }

 private:
  std::unique_ptr<Log> log_;
  OneProducer* producer_;
};

// A record on one partition times out while the answers are lost, and what had landed on the other
// is written again.
TEST_F(BrokerRegression, E3_AWindowWrittenTwiceIsReadAndCountsOnce) {
  const KafkaOptions options = Options(2, true);
  kafka::Ears ears(options);
  auto opened = Open(2, true);
  OneProducer producer(options, &ears);
  WithOneProducer log(std::move(opened), &producer);
  Desk other(log, 1, clock_, random_), desk(log, 0, clock_, random_);
  ASSERT_TRUE(other.Claim());
  ASSERT_TRUE(desk.Claim());
  proxy().Mute(test::Proxy::kToClient);
  other.Send("timed out");
  desk.Step(1'600);
  desk.Send("n1");
  desk.Send("n2");
  // Past the two seconds after which the first is given up, and not the others; librdkafka looks
  // once a second.
  desk.Step(1'700);
  proxy().Mute(test::Proxy::kToClient, false);
  ASSERT_TRUE(desk.AllConfirmed());
  ASSERT_TRUE(desk.Claim());
  desk.Send("n3");
  ASSERT_TRUE(desk.AllConfirmed());
  const Values raw = Raw(0);
  ASSERT_GT(std::count(raw.begin(), raw.end(), "n1"), 1) << "nothing was written twice";
  EXPECT_GE(desk.owner().counts().duplicates, 2u) << "the gap was not read";
  EXPECT_EQ(desk.Acknowledged(), (Values{"n1", "n2", "n3"}));
  EXPECT_EQ(Shown(0), (Values{"n1", "n2", "n3"}));
  EXPECT_NE(Shown(0, Mutations(Mutation::kNoSequence)), (Values{"n1", "n2", "n3"}));
}

// The broker has forgotten the producer when the answer's loss makes it send again.
TEST_F(BrokerRegression, E5_ARetryAfterTheBrokerForgotIsADuplicate) {
  // So that the record does not wait for the answer to the claim, which may be lost as well.
  auto log = Open(1, true, {.settings = {}, .gathers = false});
  Desk desk(*log, 0, clock_, random_);
  ASSERT_TRUE(desk.Claim());
  proxy().Mute(test::Proxy::kToClient);
  desk.Send("n1");
  desk.Step(kForgottenMs + 500);
  proxy().Cut();
  proxy().Mute(test::Proxy::kToClient, false);
  ASSERT_TRUE(desk.AllConfirmed());
  // The claim, too, if its answer had not come yet.
  const Values raw = Raw();
  ASSERT_EQ(std::count(raw.begin(), raw.end(), "n1"), 2) << "nothing was written twice";
  desk.Send("n2");
  ASSERT_TRUE(desk.AllConfirmed());
  EXPECT_EQ(desk.Acknowledged(), (Values{"n1", "n2"}));
  EXPECT_EQ(desk.owner().counts().duplicates, 1u);
  EXPECT_EQ(desk.owner().state().claim, 1u) << "no reason to claim anew";
  EXPECT_EQ(Shown(), (Values{"n1", "n2"}));
  EXPECT_EQ(Shown(0, Mutations(Mutation::kNoSequence)), (Values{"n1", "n1", "n2"}));
}

// The topic is deleted and made anew, and somebody else fills it to the very same length: reports
// go on as if nothing had happened.
TEST_F(BrokerRegression, E6b_ARefilledTopicStopsItsOwnerWithinTenSeconds) {
  for (const bool mutated : {true, false}) {
    if (!mutated) DeleteTopic();
    CreateTopic(1);
    auto log = Open(1, false);
    Desk desk(*log, 0, clock_, random_,
              mutated ? Mutations(Mutation::kNoContentCheck) : Mutations());
    ASSERT_TRUE(desk.Claim());
    for (int i = 1; i <= 3; ++i) desk.Send(std::to_string(i));
    ASSERT_TRUE(desk.AllConfirmed());
    DeleteTopic();
    CreateTopic(1);
    Refill();
    desk.Send("into another log");
    desk.Step(500);
    clock_.Advance(10'000'000);
    const bool stopped = desk.Await([&] { return desk.owner().role() == Owner::Role::kStopped; },
                                    mutated ? 1'000 : 10'000);
    EXPECT_NE(stopped, mutated) << desk.owner().trouble();
    EXPECT_THAT(desk.owner().trouble(), HasSubstr(mutated ? "" : "another log"));
  }
}

// What a dead process had sent lands after its successor's claim.
TEST_F(BrokerRegression, E7c_RecordsOfADeadProcessLandAfterItsSuccessorsClaim) {
  auto direct = Open(1, false);
  Desk fresh(*direct, 0, clock_, random_);
  {
    auto log = Open(1, true);
    Desk old(*log, 0, clock_, random_);
    ASSERT_TRUE(old.Claim());
    proxy().Mute(test::Proxy::kToBroker);
    old.Send("of the dead");
    old.Step(200);
  }
  ASSERT_TRUE(fresh.Claim());
  proxy().Mute(test::Proxy::kToBroker, false);
  ASSERT_TRUE(Await([&] { return EndOf(*direct, 0) == 3; }));
  for (const char* value : {"n1", "n2"}) fresh.Send(value);
  ASSERT_TRUE(fresh.AllConfirmed());
  EXPECT_EQ(Raw(), (Values{"#claim", "#claim", "of the dead", "n1", "n2"}));
  EXPECT_EQ(fresh.owner().counts().deposed, 1u);
  EXPECT_EQ(fresh.Acknowledged(), (Values{"n1", "n2"}));
  EXPECT_EQ(Shown(), (Values{"n1", "n2"}));
  EXPECT_THAT(Shown(0, Mutations(Mutation::kNoNewestClaim)), Contains("of the dead"));
}

// The broker refuses one record in the middle: the next ones land, though nothing ever times out.
TEST_F(BrokerRegression, E11_ARefusedRecordIsAHoleThatReadersStopAt) {
  CreateTopic(1, {{"max.message.bytes", "2000"}});
  auto log = Open(1, false);
  Session session(*log, 0, 77, 1);
  ASSERT_TRUE(session.Claim());
  session.Send("1");
  ASSERT_EQ(session.Reports(1).size(), 1u);
  std::string large(8'000, ' ');
  for (char& byte : large) byte = static_cast<char>(random_.Next());
  session.Send(large);
  ASSERT_EQ(session.Reports(2).back().outcome, Report::Outcome::kFailed);
  session.Send("3");
  ASSERT_EQ(session.Reports(3).back().outcome, Report::Outcome::kWritten);
  ASSERT_EQ(Raw(0), (Values{"#claim", "1", "3"}));
  EXPECT_EQ(Shown(0), Values{"1"});
  EXPECT_THAT(Shown(0, Mutations(Mutation::kNoSequence)), Contains("3"));
}

// The broker stands still for longer than it remembers producers. Its answers then may be anything.
TEST_F(BrokerRegression, E12b_WhateverIsReportedAfterTheBrokerForgotIsReadFromTheLog) {
  auto log = Open(1, false);
  Desk desk(*log, 0, clock_, random_);
  ASSERT_TRUE(desk.Claim());
  int sent = 0;
  auto send = [&](int count) {
    for (int i = 0; i < count; ++i) {
      if (desk.owner().may_append()) desk.Send(std::to_string(++sent));
      desk.Step(100);
    }
  };
  send(5);
  kafka().Signal(SIGSTOP);
  send(kForgottenMs / 100 + 15);
  kafka().Signal(SIGCONT);
  send(5);
  ASSERT_TRUE(desk.Claim());
  desk.Send("after");
  ASSERT_TRUE(desk.AllConfirmed());
  EXPECT_THAT(desk.Acknowledged(), Contains("after"));
  ExpectRight(desk);
}

}  // namespace
}  // namespace crm::log
