#include "libs/log/kafka_producer.h"

#include <mutex>
#include <utility>

#include "libs/log/kafka_message.h"

namespace crm::log::kafka {
namespace {

const Settings kSettings = {
    {"acks", "all"},
    {"enable.idempotence", "true"},
    {"max.in.flight", "5"},
    // Never: a record that is given up while a younger one lands is a hole (log.md, E2).
    {"message.timeout.ms", "0"},
    {"linger.ms", "0"},
    // The shard bounds what is under way.
    {"queue.buffering.max.messages", "0"},
    {"queue.buffering.max.kbytes", "2097151"},
};

// As much is worth a request of its own while another is under way.
constexpr size_t kHeldBytesMost = 256 << 10;

void* ToOpaque(uint64_t seq) { return reinterpret_cast<void*>(static_cast<uintptr_t>(seq)); }

uint64_t FromOpaque(const void* opaque) { return reinterpret_cast<uintptr_t>(opaque); }

// Passes librdkafka's signal on until it is cut off.
class Wake {
 public:
  explicit Wake(std::function<void()> wake) : wake_(std::move(wake)) {}
  void Call() {
    std::lock_guard lock(mutex_);
    if (wake_) wake_();
  }
  void Cut() {
    std::lock_guard lock(mutex_);
    wake_ = nullptr;
  }

 private:
  std::mutex mutex_;
  std::function<void()> wake_;
};

class KafkaProducer final : public Producer, private RdKafka::DeliveryReportCb {
 public:
  KafkaProducer(std::string topic, int partition, bool gathers, std::function<void()> wake)
      : topic_(std::move(topic)),
        partition_(partition),
        gathers_(gathers),
        wake_(std::move(wake)) {}

  ~KafkaProducer() override {
    wake_.Cut();
    if (queue_ != nullptr) {
      rd_kafka_queue_cb_event_enable(queue_, nullptr, nullptr);
      rd_kafka_queue_destroy(queue_);
    }
    if (client_) client_->purge(RdKafka::Producer::PURGE_QUEUE | RdKafka::Producer::PURGE_INFLIGHT);
  }

  record::Result<record::Done> Open(const KafkaOptions& options, Ears* ears, const Settings& own) {
    Settings settings = kSettings;
    const bool chosen =
        options.config.contains("compression.type") || options.config.contains("compression.codec");
    if (!chosen) settings.emplace_back("compression.type", "lz4");
    settings.insert(settings.end(), own.begin(), own.end());
    auto conf = NewConf(options, ears, settings);
    if (!conf) return conf.error();
    std::string why;
    RdKafka::DeliveryReportCb* reports = this;
    if ((*conf)->set("dr_cb", reports, why) != RdKafka::Conf::CONF_OK) return record::Error{why};
    client_.reset(RdKafka::Producer::create(conf->get(), why));
    if (!client_) return record::Error{"no Kafka producer: " + ears->WithoutSecrets(why)};
    queue_ = rd_kafka_queue_get_main(client_->c_ptr());
    rd_kafka_queue_cb_event_enable(
        queue_, [](rd_kafka_t*, void* wake) { static_cast<Wake*>(wake)->Call(); }, &wake_);
    return record::Done{};
  }

  void Send(std::vector<Outgoing> messages) override {
    for (Outgoing& message : messages) {
      held_bytes_ += message.body->size();
      held_.push_back(std::move(message));
    }
    SendHeld();
  }

  std::vector<Report> TakeReports() override {
    // Emptied, or librdkafka would not signal what comes next.
    while (client_->poll(0) > 0) {
    }
    SendHeld();
    return std::exchange(reports_, {});
  }

 private:
  // A broker that makes each request durable does so for as many messages as the load gives, and
  // librdkafka does not spin over what it may not send yet.
  void SendHeld() {
    if (gathers_ && under_way_ > 0 && held_bytes_ < kHeldBytesMost) return;
    held_bytes_ = 0;
    for (const Outgoing& message : std::exchange(held_, {})) SendOne(message);
  }

  void SendOne(const Outgoing& message) {
    Parts parts = ToParts(*message.body);
    // A deletion's value has no bytes, but is not null.
    char* value = const_cast<char*>(parts.value.empty() ? "" : parts.value.data());
    const auto code =
        failed_ ? RdKafka::ERR__STATE
                : client_->produce(topic_, partition_, RdKafka::Producer::RK_MSG_COPY, value,
                                   parts.value.size(),
                                   parts.key.empty() ? nullptr : parts.key.data(), parts.key.size(),
                                   parts.timestamp_ms, parts.headers, ToOpaque(message.seq));
    if (code == RdKafka::ERR_NO_ERROR) {
      ++under_way_;
      return;
    }
    delete parts.headers;
    // What comes behind it must not land without it.
    failed_ = true;
    reports_.push_back({message.seq, Report::Outcome::kFailed, -1, RdKafka::err2str(code)});
    wake_.Call();
  }

  void dr_cb(RdKafka::Message& message) override {
    --under_way_;
    Report report;
    report.seq = FromOpaque(message.msg_opaque());
    if (message.err() != RdKafka::ERR_NO_ERROR) {
      report.outcome = Report::Outcome::kFailed;
      report.text = message.errstr();
    } else if (message.offset() < 0) {
      report.outcome = Report::Outcome::kWrittenSomewhere;
    } else {
      report.offset = message.offset();
    }
    reports_.push_back(std::move(report));
  }

  const std::string topic_;
  const int partition_;
  const bool gathers_;
  Wake wake_;
  std::vector<Outgoing> held_;
  size_t held_bytes_ = 0;
  size_t under_way_ = 0;
  std::vector<Report> reports_;
  bool failed_ = false;
  std::unique_ptr<RdKafka::Producer> client_;
  rd_kafka_queue_t* queue_ = nullptr;
};

class FailedProducer final : public Producer {
 public:
  FailedProducer(std::string why, std::function<void()> wake)
      : why_(std::move(why)), wake_(std::move(wake)) {}
  void Send(std::vector<Outgoing> messages) override {
    for (const Outgoing& message : messages) {
      reports_.push_back({message.seq, Report::Outcome::kFailed, -1, why_});
    }
    wake_();
  }
  std::vector<Report> TakeReports() override { return std::exchange(reports_, {}); }

 private:
  const std::string why_;
  std::function<void()> wake_;
  std::vector<Report> reports_;
};

}  // namespace

record::Result<std::unique_ptr<Producer>> NewProducer(const KafkaOptions& options, Ears* ears,
                                                      const ProducerOptions& own, int partition,
                                                      std::function<void()> wake) {
  auto producer =
      std::make_unique<KafkaProducer>(options.topic, partition, own.gathers, std::move(wake));
  auto opened = producer->Open(options, ears, own.settings);
  if (!opened) return opened.error();
  return std::unique_ptr<Producer>(std::move(producer));
}

std::unique_ptr<Producer> NewFailedProducer(std::string why, std::function<void()> wake) {
  return std::make_unique<FailedProducer>(std::move(why), std::move(wake));
}

}  // namespace crm::log::kafka
