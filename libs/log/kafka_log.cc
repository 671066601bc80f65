#include "libs/log/kafka_log.h"

#include <chrono>
#include <utility>

#include "libs/log/kafka_producer.h"
#include "libs/log/kafka_topic.h"

namespace crm::log {
namespace kafka {
namespace {

constexpr auto kKeepEvery = std::chrono::seconds(1);
constexpr auto kCheckEvery = std::chrono::minutes(1);
// Besides one for each partition, whose end is asked for at the same instants.
constexpr size_t kErrandThreads = 8;

const Settings kReading = {
    {"auto.offset.reset", "error"},
    {"enable.auto.commit", "false"},
    {"enable.auto.offset.store", "false"},
    // Nobody writes in transactions here; one that hangs must not hold readers up.
    {"isolation.level", "read_uncommitted"},
    {"enable.partition.eof", "true"},
    {"check.crcs", "true"},
    {"fetch.error.backoff.ms", "100"},
};
// One request waits at the broker for all partitions; a partition that starts waits for its end.
const Settings kAhead = {
    {"fetch.wait.max.ms", "100"},
    {"queued.min.messages", "1000000"},
    {"queued.max.messages.kbytes", std::to_string(kFetchAheadBytes >> 10)},  // for each partition
};
const Settings kAside = {
    {"fetch.wait.max.ms", "5"},
    {"fetch.message.max.bytes", "16384"},
};

std::string WhatIsUnsafe(const std::string& topic, const std::vector<std::string>& reasons) {
  std::string joined;
  for (const std::string& reason : reasons) joined += (joined.empty() ? "" : "; ") + reason;
  return "the topic " + topic + " is not safe: " + joined;
}

}  // namespace

KafkaLog::KafkaLog(const KafkaOptions& options, const ProducerOptions& producer)
    : options_(options),
      producer_options_(producer),
      ears_(options_),
      aside_mutexes_(static_cast<size_t>(options.partitions)),
      errands_(static_cast<size_t>(options.partitions) + kErrandThreads) {}

KafkaLog::~KafkaLog() {
  {
    std::lock_guard lock(mutex_);
    stop_ = true;
  }
  stopped_.notify_one();
  if (keeper_.joinable()) keeper_.join();
}

record::Result<std::unique_ptr<Log>> KafkaLog::Open(const KafkaOptions& options,
                                                    const ProducerOptions& producer) {
  std::unique_ptr<KafkaLog> log(new KafkaLog(options, producer));
  auto ahead = log->NewReader(kAhead);
  if (!ahead) return ahead.error();
  log->ahead_ = std::move(*ahead);
  auto aside = log->NewReader(kAside);
  if (!aside) return aside.error();
  log->aside_ = std::move(*aside);
  auto prepared = log->Prepare();
  if (!prepared) return prepared.error();
  // It may have asked for the topic before that was there, and would say so for a while.
  const auto known = Place(*log->aside_.client, options.topic);
  if (!known) return known.error();
  // Not on the connection on which the broker keeps a fetch waiting: it answers in order.
  log->ends_ = std::make_unique<Ends>(log->aside_.client.get(), options.topic, &log->patience_);
  for (int i = 0; i < options.partitions; ++i) {
    log->streams_.push_back(std::make_unique<Stream>(
        log->ahead_.client.get(), log->ahead_.topic.get(), i, &log->ears_, &log->patience_));
  }
  log->keeper_ = std::thread([raw = log.get()] { raw->Keep(); });
  return std::unique_ptr<Log>(std::move(log));
}

record::Result<KafkaLog::Reader> KafkaLog::NewReader(const Settings& more) {
  Settings settings = kReading;
  settings.insert(settings.end(), more.begin(), more.end());
  auto conf = NewConf(options_, &ears_, settings);
  if (!conf) return conf.error();
  Reader reader;
  std::string why;
  reader.client.reset(RdKafka::Consumer::create(conf->get(), why));
  if (!reader.client) return record::Error{"no Kafka consumer: " + ears_.WithoutSecrets(why)};
  reader.topic.reset(RdKafka::Topic::create(reader.client.get(), options_.topic, nullptr, why));
  if (!reader.topic) return record::Error{"no topic " + options_.topic + ": " + why};
  return reader;
}

record::Result<record::Done> KafkaLog::Prepare() {
  RdKafka::Handle& client = *ahead_.client;
  const auto reached = Reach(client);
  if (!reached) {
    return record::Error{"no broker answered at " + options_.brokers + " (" + reached.error().text +
                             "): see " + options_.names.brokers + ", and " + options_.names.config +
                             " where one has to sign in",
                         true};
  }
  auto place = Place(client, options_.topic);
  if (!place) return place.error();
  if (place->partitions == 0) {
    if (!options_.create)
      return record::Error{"there is no topic " + options_.topic + " at " + options_.brokers};
    auto created = Create(place->brokers);
    if (!created) return created;
    place = Place(client, options_.topic);
    if (!place) return place.error();
  }
  if (place->partitions != options_.partitions) {
    return record::Error{"the topic " + options_.topic + " has " +
                         std::to_string(place->partitions) + " partitions, not " +
                         std::to_string(options_.partitions) + ": see " +
                         options_.names.partitions};
  }
  return CheckSettings();
}

record::Result<record::Done> KafkaLog::Create(int brokers) {
  if (brokers < options_.replicas && !options_.allow_unsafe) {
    return record::Error{
        "the cluster has " + std::to_string(brokers) +
        (brokers == 1 ? " broker for " : " brokers for ") + std::to_string(options_.replicas) +
        " replicas of " + options_.topic + ": see " + options_.names.replicas + ", and " +
        options_.names.allow_unsafe + ", with which as many are made as there are brokers"};
  }
  const Topic topic = EventsTopic(options_, brokers);
  const auto unsafe = UnsafeSettings(topic.settings, topic.replicas);
  // Such a one is not even made.
  if (!unsafe.empty() && !options_.allow_unsafe) return NotSafe(unsafe);
  return CreateTopic(*ahead_.client, topic);
}

record::Error KafkaLog::NotSafe(const std::vector<std::string>& reasons) const {
  return {WhatIsUnsafe(options_.topic, reasons) + ": mend it, or see " +
          options_.names.allow_unsafe + ", with which commands may be lost"};
}

record::Result<record::Done> KafkaLog::CheckSettings() {
  const auto unsafe = FindUnsafe(*ahead_.client, options_.topic);
  if (!unsafe) return unsafe.error();
  if (unsafe->empty()) return record::Done{};
  if (!options_.allow_unsafe) return NotSafe(*unsafe);
  ears_.Tell(KafkaLevel::kWarning, WhatIsUnsafe(options_.topic, *unsafe) + " (allowed)");
  return record::Done{};
}

// What has to be done now and then, without anybody asking.
void KafkaLog::Keep() {
  auto next_check = std::chrono::steady_clock::now() + kCheckEvery;
  std::unique_lock lock(mutex_);
  while (!stopped_.wait_for(lock, kKeepEvery, [this] { return stop_; })) {
    ahead_.client->poll(0);
    aside_.client->poll(0);
    for (const auto& stream : streams_) stream->Rest();
    if (patience_.TakeDoubt() && !patience_.ended()) ends_->Probe();
    if (std::chrono::steady_clock::now() < next_check) continue;
    const auto checked = CheckSettings();
    if (!checked) ears_.Tell(KafkaLevel::kAlarm, checked.error().text);
    next_check = std::chrono::steady_clock::now() + kCheckEvery;
  }
}

std::unique_ptr<Producer> KafkaLog::NewProducer(int partition, std::function<void()> wake) {
  auto producer = kafka::NewProducer(options_, &ears_, producer_options_, partition, wake);
  if (producer) return std::move(*producer);
  ears_.Tell(KafkaLevel::kAlarm, producer.error().text);
  return NewFailedProducer(producer.error().text, std::move(wake));
}

record::Result<std::vector<Stored>> KafkaLog::Read(int partition, int64_t from, size_t max_bytes) {
  Stream& stream = *streams_[static_cast<size_t>(partition)];
  // A second reader of the partition must not take the first one's place.
  if (stream.IsAheadOf(from)) return ReadAside(partition, from, max_bytes);
  return stream.Read(from, max_bytes);
}

record::Result<std::vector<Stored>> KafkaLog::ReadAside(int partition, int64_t from,
                                                        size_t max_bytes) {
  std::lock_guard lock(aside_mutexes_[static_cast<size_t>(partition)]);
  Stream look(aside_.client.get(), aside_.topic.get(), partition, &ears_, &patience_);
  return look.Read(from, max_bytes);
}

record::Result<std::optional<Stored>> KafkaLog::ReadOne(int partition, int64_t offset) {
  auto read = ReadAside(partition, offset, 1);
  if (!read) return read.error();
  if (read->empty() || read->front().offset != offset) return std::optional<Stored>();
  return std::optional<Stored>(std::move(read->front()));
}

std::shared_ptr<void> KafkaLog::Watch(int partition, std::function<void()> wake) {
  return streams_[static_cast<size_t>(partition)]->Watch(std::move(wake));
}

void KafkaLog::StopWaiting() {
  patience_.End();
  ends_->StopWaiting();
}

record::Result<int64_t> KafkaLog::End(int partition) {
  auto end = ends_->Ask(partition);
  if (end) streams_[static_cast<size_t>(partition)]->Expect(*end);
  return end;
}

}  // namespace kafka

record::Result<std::unique_ptr<Log>> OpenKafka(const KafkaOptions& options) {
  return kafka::KafkaLog::Open(options);
}

}  // namespace crm::log
