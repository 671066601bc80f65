#include "tests/kafka/ground.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stdexcept>

#include "libs/log/example_messages.h"
#include "libs/log/facts.h"
#include "libs/log/kafka_topic.h"

namespace crm::log {
namespace {

using Time = std::chrono::steady_clock;

constexpr auto kPause = std::chrono::milliseconds(1);  // between two looks at a condition
constexpr int kOpenTries = 3;

struct Place {
  Place()
      : kafka({1,
               {"producer.id.expiration.ms=2000", "producer.id.expiration.check.interval.ms=200"},
               {proxy.port()}}) {
    proxy.ForwardTo(kafka.behind_proxy());
  }
  test::Proxy proxy;
  test::Kafka kafka;
};

Place& Shared() {
  static Place place;
  return place;
}

}  // namespace

bool Await(const std::function<bool()>& condition, int timeout_ms) {
  const auto end = Time::now() + std::chrono::milliseconds(timeout_ms);
  std::mutex mutex;
  std::condition_variable never;
  std::unique_lock lock(mutex);
  while (!condition()) {
    if (Time::now() > end) return false;
    never.wait_for(lock, kPause);
  }
  return true;
}

KafkaGround::KafkaGround()
    : topic_(test::Kafka::NewTopic()), random_(std::hash<std::string>()(topic_)) {}

KafkaGround::~KafkaGround() {
  proxy().Mute(test::Proxy::kToBroker, false);
  proxy().Mute(test::Proxy::kToClient, false);
}

test::Kafka& KafkaGround::kafka() { return Shared().kafka; }
test::Proxy& KafkaGround::proxy() { return Shared().proxy; }

KafkaOptions KafkaGround::Options(int partitions, bool proxied) const {
  KafkaOptions options;
  options.brokers = proxied ? kafka().proxied_bootstrap() : kafka().bootstrap();
  options.topic = topic_;
  options.partitions = partitions;
  options.allow_unsafe = true;
  return options;
}

std::unique_ptr<Log> KafkaGround::Open(int partitions, bool proxied,
                                       const kafka::ProducerOptions& producer) {
  partitions_ = partitions;
  std::string why;
  for (int i = 0; i < kOpenTries; ++i) {
    auto opened = kafka::KafkaLog::Open(Options(partitions, proxied), producer);
    if (opened) return std::move(*opened);
    why = opened.error().text;
  }
  // A test has nothing to do without it, and fails with this.
  throw std::runtime_error("the log can not be opened: " + why);
}

std::unique_ptr<RdKafka::Producer> KafkaGround::NewClient() const {
  kafka::Ears ears({});
  auto conf = kafka::NewConf(Options(1, false), &ears, {});
  std::string why;
  (*conf)->set("event_cb", static_cast<RdKafka::EventCb*>(nullptr), why);
  return std::unique_ptr<RdKafka::Producer>(RdKafka::Producer::create(conf->get(), why));
}

void KafkaGround::CreateTopic(int partitions, const std::map<std::string, std::string>& settings) {
  const auto client = NewClient();
  kafka::Topic topic = kafka::EventsTopic(Options(partitions, false), 1);
  for (const auto& [name, value] : settings) topic.settings[name] = value;
  const auto created = kafka::CreateTopic(*client, topic);
  ASSERT_TRUE(created) << created.error().text;
}

void KafkaGround::DeleteTopic() {
  const auto client = NewClient();
  rd_kafka_t* handle = client->c_ptr();
  rd_kafka_queue_t* queue = rd_kafka_queue_new(handle);
  rd_kafka_DeleteTopic_t* topic = rd_kafka_DeleteTopic_new(topic_.c_str());
  rd_kafka_DeleteTopics(handle, &topic, 1, nullptr, queue);
  rd_kafka_event_destroy(rd_kafka_queue_poll(queue, 30'000));
  rd_kafka_DeleteTopic_destroy(topic);
  rd_kafka_queue_destroy(queue);
  EXPECT_TRUE(Await([&] {
    const auto place = kafka::Place(*client, topic_);
    return place && place->partitions == 0;
  }));
}

int64_t KafkaGround::EndOf(Log& log, int partition) {
  int64_t end = 0;
  std::string why;
  EXPECT_TRUE(Await([&] {
    const auto asked = log.End(partition);
    if (asked) {
      end = *asked;
    } else {
      why = asked.error().text;
    }
    return asked.has_value();
  })) << why;
  return end;
}

Values KafkaGround::Raw(int partition) {
  auto log = Open(partitions_, false);
  Values values;
  int64_t next = 0;
  const int64_t end = EndOf(*log, partition);
  Await([&] {
    const auto read = log->Read(partition, next, 1 << 20);
    if (!read) return next >= end;
    for (const Stored& message : *read) {
      next = message.offset + 1;
      const auto facts = ReadFacts(*message.body);
      const bool event = facts && facts->kind == Facts::Kind::kEvent;
      const bool claim = facts && facts->kind == Facts::Kind::kClaim;
      values.push_back(event ? std::string(facts->value) : claim ? "#claim" : "#");
    }
    return next >= end;
  });
  return values;
}

Values KafkaGround::Shown(int partition, Mutations mutations, Follower::Counts* counts) {
  auto log = Open(partitions_, false);
  MemoryProjection projection;
  Follower follower(*log, partition, projection, clock_, 1 << 20, mutations);
  const int64_t end = EndOf(*log, partition);
  const bool read_all = Await([&] {
    follower.Read();
    return follower.state().next >= end || !follower.trouble().empty();
  });
  EXPECT_TRUE(read_all);
  EXPECT_EQ(follower.trouble(), "");
  follower.Apply();
  if (counts != nullptr) *counts = follower.counts();
  Values values;
  for (const auto& commit : projection.commits) {
    for (const std::string& body : commit) values.emplace_back(SplitBody(body)->value);
  }
  return values;
}

void KafkaGround::ExpectNoHoleAndNoDouble(const Values& decided, const Values& shown) {
  auto at = decided.begin();
  for (const std::string& value : shown) {
    const auto found = std::find(at, decided.end(), value);
    EXPECT_NE(found, decided.end()) << value << " is shown twice or out of order";
    if (found != decided.end()) at = found + 1;
  }
}

Desk::Desk(Log& log, int partition, ShiftedClock& clock, record::Random& random,
           Mutations mutations) {
  Owner::Options options;
  options.partition = partition;
  options.lease_us = 300'000;
  // A busy machine is no reason to give up what a test waits for.
  options.confirm_timeout_us = 25'000'000;
  options.mutations = mutations;
  owner_ = std::make_unique<Owner>(options, log, projection_, clock, random, [] {});
}

bool Desk::Await(const std::function<bool()>& condition, int timeout_ms) {
  return log::Await(
      [&] {
        while (owner_->Step()) Collect();
        Collect();
        return condition();
      },
      timeout_ms);
}

void Desk::Step(int milliseconds) {
  const auto end = Time::now() + std::chrono::milliseconds(milliseconds);
  Await([end] { return Time::now() >= end; });
}

bool Desk::Claim() {
  lost_ = false;
  return Await([this] {
    if (owner_->role() == Owner::Role::kStandby) owner_->Assign(true);
    return owner_->may_append();
  });
}

void Desk::Send(const std::string& value) {
  if (!owner_->may_append()) {
    ADD_FAILURE() << value << " can not be sent: not the owner any more; " << owner_->trouble();
    return;
  }
  std::vector<Owner::NewEvent> events(1);
  events[0].envelope.set_type("crm.sales.v1.lead.created");
  events[0].value = value;
  decided_.push_back(value);
  open_[owner_->Append(std::move(events))] = value;
  owner_->Flush();
}

void Desk::Collect() {
  while (!open_.empty() && open_.begin()->first <= owner_->confirmed()) {
    acknowledged_.push_back(open_.begin()->second);
    open_.erase(open_.begin());
  }
  if (owner_->epoch() != epoch_) {
    lost_ = lost_ || !open_.empty();
    open_.clear();
  }
  epoch_ = owner_->epoch();
}

bool Desk::AllConfirmed() {
  return Await([this] { return open_.empty(); }) && !lost_;
}

Values Desk::Acknowledged() {
  Collect();
  return acknowledged_;
}

Session::Session(Log& log, int partition, uint64_t claim_id, int partitions)
    : partitions_(partitions), claim_id_(claim_id), producer_(log.NewProducer(partition, [] {})) {}

bool Session::Claim() {
  producer_->Send(
      {{0, example::ClaimRecord({1, claim_id_}, claim_id_, static_cast<uint32_t>(partitions_))}});
  const bool landed =
      Reports(1).size() == 1 && reports_.front().outcome != Report::Outcome::kFailed;
  reports_.clear();
  return landed;
}

void Session::Send(const std::string& value) {
  ++seq_;
  sent_.push_back(value);
  producer_->Send({{seq_, example::Event({1, claim_id_}, seq_, 1, 1, value)}});
}

const std::vector<Report>& Session::Reports(size_t count, int timeout_ms) {
  Await(
      [&] {
        for (Report& report : producer_->TakeReports()) reports_.push_back(std::move(report));
        return reports_.size() >= count;
      },
      timeout_ms);
  return reports_;
}

}  // namespace crm::log
