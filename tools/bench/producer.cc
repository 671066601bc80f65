#include "tools/bench/producer.h"

#include <librdkafka/rdkafkacpp.h>

#include <algorithm>
#include <chrono>
#include <vector>

#include "libs/log/kafka.h"
#include "libs/log/kafka_message.h"

namespace crm::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr size_t kReadBytes = 4 << 20;
constexpr size_t kKept = 20'000;
constexpr int kPollMs = 100;

log::KafkaOptions OptionsOf(const std::string& brokers, const std::string& topic, int partitions) {
  log::KafkaOptions options;
  options.brokers = brokers;
  options.topic = topic;
  options.partitions = partitions;
  options.replicas = 1;
  options.allow_unsafe = true;
  return options;
}

}  // namespace

class BareProducer::Session final : private RdKafka::DeliveryReportCb {
 public:
  void Open(const std::string& brokers, const std::string& from, int partitions,
            const std::string& to) {
    Read(OptionsOf(brokers, from, partitions));
    const auto made = log::OpenKafka(OptionsOf(brokers, to, 1));
    if (!made) failure_ = made.error().text;
    std::unique_ptr<RdKafka::Conf> conf(RdKafka::Conf::create(RdKafka::Conf::CONF_GLOBAL));
    std::string why;
    for (const auto& [name, value] :
         {std::pair<const char*, std::string>{"bootstrap.servers", brokers},
          {"acks", "all"},
          {"enable.idempotence", "true"},
          {"linger.ms", "0"},
          {"message.timeout.ms", "0"},
          {"compression.type", "lz4"}}) {
      if (conf->set(name, value, why) != RdKafka::Conf::CONF_OK) failure_ = why;
    }
    if (conf->set("dr_cb", static_cast<RdKafka::DeliveryReportCb*>(this), why) !=
        RdKafka::Conf::CONF_OK) {
      failure_ = why;
    }
    topic_ = to;
    client_.reset(RdKafka::Producer::create(conf.get(), why));
    if (!client_) failure_ = why;
    if (bodies_.empty() && failure_.empty()) failure_ = "there are no events in " + from;
  }

  Measured Run(int in_flight, double seconds) {
    latencies_us_.clear();
    failed_ = 0;
    const auto begin = Clock::now();
    end_ =
        begin + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
    for (int i = 0; i < in_flight; ++i) Send();
    while (client_->outq_len() > 0) client_->poll(kPollMs);
    const double took = std::chrono::duration<double>(Clock::now() - begin).count();
    std::sort(latencies_us_.begin(), latencies_us_.end());
    Measured measured;
    measured.calls = static_cast<int64_t>(latencies_us_.size());
    measured.calls_per_second = static_cast<double>(measured.calls) / took;
    measured.p50_us = latencies_us_[latencies_us_.size() / 2];
    measured.p99_us = latencies_us_[latencies_us_.size() * 99 / 100];
    measured.failed = failed_;
    return measured;
  }

  const std::string& failure() const { return failure_; }

 private:
  void Read(const log::KafkaOptions& options) {
    const auto log = log::OpenKafka(options);
    if (!log) {
      failure_ = log.error().text;
      return;
    }
    for (int partition = 0; partition < options.partitions; ++partition) {
      const auto end = (*log)->End(partition);
      for (int64_t next = 0; end && next < *end && bodies_.size() < kKept;) {
        const auto read = (*log)->Read(partition, next, kReadBytes);
        if (!read) break;
        for (const log::Stored& message : *read) {
          next = message.offset + 1;
          // Events; a claim is but one of many.
          if (message.offset > 0) bodies_.push_back(message.body);
        }
      }
    }
  }

  void Send() {
    log::kafka::Parts parts = log::kafka::ToParts(*bodies_[next_++ % bodies_.size()]);
    auto* const sent = new Clock::time_point(Clock::now());
    const auto code = client_->produce(topic_, 0, RdKafka::Producer::RK_MSG_COPY,
                                       const_cast<char*>(parts.value.data()), parts.value.size(),
                                       parts.key.data(), parts.key.size(), parts.timestamp_ms,
                                       parts.headers, sent);
    if (code == RdKafka::ERR_NO_ERROR) return;
    ++failed_;
    delete parts.headers;
    delete sent;
  }

  void dr_cb(RdKafka::Message& message) override {
    const std::unique_ptr<Clock::time_point> sent(
        static_cast<Clock::time_point*>(message.msg_opaque()));
    if (message.err() != RdKafka::ERR_NO_ERROR) ++failed_;
    const auto now = Clock::now();
    latencies_us_.push_back(std::chrono::duration<double, std::micro>(now - *sent).count());
    if (now < end_) Send();
  }

  std::string topic_;
  std::string failure_;
  std::vector<std::shared_ptr<const std::string>> bodies_;
  size_t next_ = 0;
  Clock::time_point end_;
  std::vector<double> latencies_us_;
  int64_t failed_ = 0;
  std::unique_ptr<RdKafka::Producer> client_;
};

BareProducer::BareProducer(const std::string& brokers, const std::string& from, int partitions,
                           const std::string& to)
    : session_(std::make_unique<Session>()) {
  session_->Open(brokers, from, partitions, to);
}
BareProducer::~BareProducer() = default;

const std::string& BareProducer::failure() const { return session_->failure(); }
Measured BareProducer::Run(int in_flight, double seconds) {
  return session_->Run(in_flight, seconds);
}

}  // namespace crm::bench
