#include "libs/log/kafka_owners.h"

#include <librdkafka/rdkafkacpp.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <optional>
#include <string_view>
#include <thread>
#include <vector>

#include "libs/log/kafka_client.h"
#include "libs/log/kafka_topic.h"

namespace crm::log {
namespace {

constexpr int kPollMs = 20;
constexpr int kFlushMs = 1'000;

std::optional<KafkaOwners::Entry> Decode(const RdKafka::Message& message) {
  const std::string_view value(static_cast<const char*>(message.payload()), message.len());
  KafkaOwners::Entry entry;
  entry.partition = message.partition();
  const auto [end, failed] =
      std::from_chars(value.data(), value.data() + value.size(), entry.claim);
  const auto at = static_cast<size_t>(end - value.data());
  if (failed != std::errc() || at >= value.size() || value[at] != ' ') return std::nullopt;
  entry.address = value.substr(at + 1);
  return entry;
}

}  // namespace

class KafkaOwners::Reader {
 public:
  Reader(Options options, Events events)
      : options_(std::move(options)), events_(std::move(events)), ears_(options_.kafka) {}
  ~Reader() {
    ending_ = true;
    if (thread_.joinable()) thread_.join();
    if (producer_) producer_->flush(kFlushMs);
  }

  std::optional<record::Error> Start() {
    std::string text;
    auto conf = kafka::NewConf(options_.kafka, &ears_, {{"linger.ms", "0"}, {"acks", "all"}});
    if (!conf) return conf.error();
    producer_.reset(RdKafka::Producer::create(conf->get(), text));
    if (!producer_) return record::Error{"can not tell who owns what: " + text};
    const auto place = kafka::Place(*producer_, options_.topic);
    if (!place) return place.error();
    // On a smaller cluster as many as there are, as of the events.
    kafka::Topic topic{options_.topic,
                       options_.partitions,
                       std::min(options_.kafka.replicas, std::max(1, place->brokers)),
                       {}};
    topic.settings["cleanup.policy"] = "compact";
    auto created = kafka::CreateTopic(*producer_, topic);
    if (!created) return created.error();
    return StartReading();
  }

  void Publish(const Entry& entry) {
    const std::string key = std::to_string(entry.partition);
    const std::string value = std::to_string(entry.claim) + " " + entry.address;
    producer_->produce(options_.topic, entry.partition, RdKafka::Producer::RK_MSG_COPY,
                       const_cast<char*>(value.data()), value.size(), key.data(), key.size(), 0,
                       nullptr);
  }

 private:
  std::optional<record::Error> StartReading() {
    std::string text;
    // No member of any group: the name is only what librdkafka asks for.
    auto conf = kafka::NewConf(options_.kafka, &ears_,
                               {{"group.id", options_.topic + ".readers"},
                                {"enable.auto.commit", "false"},
                                {"auto.offset.reset", "earliest"},
                                {"fetch.error.backoff.ms", "50"}});
    if (!conf) return conf.error();
    consumer_.reset(RdKafka::KafkaConsumer::create(conf->get(), text));
    if (!consumer_) return record::Error{"can not read who owns what: " + text};
    std::vector<RdKafka::TopicPartition*> all;
    for (int i = 0; i < options_.partitions; ++i) {
      all.push_back(
          RdKafka::TopicPartition::create(options_.topic, i, RdKafka::Topic::OFFSET_BEGINNING));
    }
    const RdKafka::ErrorCode code = consumer_->assign(all);
    RdKafka::TopicPartition::destroy(all);
    if (code != RdKafka::ERR_NO_ERROR) return kafka::ErrorOf("reading " + options_.topic, code);
    thread_ = std::thread([this] { Run(); });
    return std::nullopt;
  }

  void Run() {
    while (!ending_) {
      std::unique_ptr<RdKafka::Message> message(consumer_->consume(kPollMs));
      if (message->err() == RdKafka::ERR_NO_ERROR && message->len() > 0) {
        if (auto entry = Decode(*message)) events_.read(*entry);
      }
      producer_->poll(0);
      events_.turn();
    }
    consumer_->close();
  }

  const Options options_;
  const Events events_;
  kafka::Ears ears_;
  std::unique_ptr<RdKafka::Producer> producer_;
  std::unique_ptr<RdKafka::KafkaConsumer> consumer_;
  std::atomic<bool> ending_{false};
  std::thread thread_;
};

KafkaOwners::KafkaOwners(std::unique_ptr<Reader> reader) : reader_(std::move(reader)) {}
KafkaOwners::~KafkaOwners() = default;

record::Result<std::unique_ptr<KafkaOwners>> KafkaOwners::Open(Options options, Events events) {
  auto reader = std::make_unique<Reader>(std::move(options), std::move(events));
  if (auto failed = reader->Start()) return *failed;
  return std::unique_ptr<KafkaOwners>(new KafkaOwners(std::move(reader)));
}

void KafkaOwners::Publish(const Entry& entry) { reader_->Publish(entry); }

}  // namespace crm::log
