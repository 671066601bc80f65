#include <librdkafka/rdkafka.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <random>

#include "libs/log/kafka.h"
#include "libs/store/example_bench.h"
#include "libs/store/example_log.h"
#include "libs/store/example_writes.h"

// How fast a shard's projections are rebuilt from its log, beside what only reading the log and
// only writing the same rows cost: `rebuild-bench [leads] [folder] [brokers]`. Every second lead is
// changed once. With brokers the log is a new topic of theirs, which stays, and is also read by
// librdkafka alone.
namespace crm::bench {
namespace {

namespace example = store::example;

constexpr size_t kReadBytes = 4 << 20;

struct Cost {
  double wall = 0, process = 0;  // in microseconds
};

template <class Work>
Cost Time(Work work) {
  const double wall = example::Micros(CLOCK_MONOTONIC);
  const double process = example::Micros(CLOCK_PROCESS_CPUTIME_ID);
  work();
  return {example::Micros(CLOCK_MONOTONIC) - wall,
          example::Micros(CLOCK_PROCESS_CPUTIME_ID) - process};
}

class Bench {
 public:
  Bench(size_t leads, const std::string& folder, std::string brokers)
      : leads_(leads), folder_(folder + "/rebuild-bench"), brokers_(std::move(brokers)) {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    log_ = brokers_.empty() ? example::OpenLog(folder_ + "/log") : OpenTopic();
  }
  ~Bench() {
    log_.reset();
    std::filesystem::remove_all(folder_);
  }

  void Run() {
    Write();
    Cost consumed;
    if (!brokers_.empty()) {
      Consume();  // so that the broker is warm
      consumed = Consume();
      Say("only reading by librdkafka", consumed);
    }
    Say("only reading the log", Time([&] { Read(); }));
    const Cost loaded = Time([&] { Rebuild("loaded", store::StoreOptions().load_from_messages); });
    Say("rebuilding", loaded);
    Say("rebuilding as if applied live", Time([&] { Rebuild("applied", INT64_MAX); }));
    const example::Writes writes(*log_, TableOptions("kept"));
    const Cost bare = Time([&] { writes.WriteTo(TableOptions("bare")); });
    Say("only writing the same rows", bare);
    std::printf("(%.1f an event)\n",
                static_cast<double>(writes.rows()) / static_cast<double>(events_));
    std::printf("rebuilding is %.2f times as fast as writing the rows (CPU: %.2f)\n",
                bare.wall / loaded.wall, bare.process / loaded.process);
    if (brokers_.empty()) return;
    std::printf("and %.2f times as fast as only reading by librdkafka (CPU: %.2f)\n",
                consumed.wall / loaded.wall, consumed.process / loaded.process);
  }

 private:
  void Say(const char* what, const Cost& cost) const {
    const auto events = static_cast<double>(events_);
    std::printf("%-34s %9.0f events/s, %6.2f us of all threads an event\n", what,
                events / cost.wall * 1e6, cost.process / events);
  }

  void Write() {
    example::LogWriter writer(*log_);
    std::mt19937_64 random(1);
    std::vector<sales::v1::Lead> images;
    for (size_t i = 0; i < leads_ + leads_ / 2; ++i) {
      if (i < leads_) images.push_back(example::RandomLead(random));
      const size_t which = i < leads_ ? i : i * 7919 % leads_;
      if (i >= leads_) images[which].set_rating(static_cast<sales::v1::Lead::Rating>(2 + i % 3));
      example::Commits one;
      one.Pass(static_cast<int64_t>(i));
      one.Add("acme", {example::Of(images[which], example::Id(which * 3))},
              {.request = example::Id(i).Text(), .request_hash = std::string(32, '7')});
      writer.Add(*one.all().front().events.front().body);
    }
    writer.Send();
    events_ = leads_ + leads_ / 2;
  }

  std::unique_ptr<log::Log> OpenTopic() {
    log::KafkaOptions options;
    options.brokers = brokers_;
    options.topic = topic_ = "rebuild" + std::to_string(getpid()) + ".sales.events";
    options.partitions = 1;
    options.replicas = 1;
    options.allow_unsafe = true;
    auto log = log::OpenKafka(options);
    if (!log) {
      std::fprintf(stderr, "%s\n", log.error().text.c_str());
      std::abort();
    }
    return std::move(*log);
  }

  // A consumer that does nothing else, in librdkafka's usual settings, from the time on when it is
  // connected.
  Cost Consume() {
    char why[512];
    rd_kafka_conf_t* const conf = rd_kafka_conf_new();
    if (rd_kafka_conf_set(conf, "bootstrap.servers", brokers_.c_str(), why, sizeof why) !=
        RD_KAFKA_CONF_OK) {
      std::abort();
    }
    rd_kafka_t* const client = rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, sizeof why);
    rd_kafka_topic_t* const topic = rd_kafka_topic_new(client, topic_.c_str(), nullptr);
    const rd_kafka_metadata_t* metadata = nullptr;
    if (rd_kafka_metadata(client, 0, topic, &metadata, 10'000) != RD_KAFKA_RESP_ERR_NO_ERROR) {
      std::abort();
    }
    rd_kafka_metadata_destroy(metadata);
    const Cost cost = Time([&] { ConsumeAll(topic); });
    rd_kafka_topic_destroy(topic);
    rd_kafka_destroy(client);
    return cost;
  }

  void ConsumeAll(rd_kafka_topic_t* topic) const {
    if (rd_kafka_consume_start(topic, 0, RD_KAFKA_OFFSET_BEGINNING) != 0) std::abort();
    std::vector<rd_kafka_message_t*> messages(1000);
    // One is the claim.
    for (uint64_t left = events_ + 1; left > 0;) {
      const auto count = rd_kafka_consume_batch(topic, 0, 100, messages.data(), messages.size());
      for (ssize_t i = 0; i < count; ++i) {
        if (messages[static_cast<size_t>(i)]->err == RD_KAFKA_RESP_ERR_NO_ERROR) --left;
        rd_kafka_message_destroy(messages[static_cast<size_t>(i)]);
      }
    }
    rd_kafka_consume_stop(topic, 0);
  }

  void Read() {
    example::Arrivals arrivals(*log_);
    const auto end = log_->End(0);
    if (!end) std::abort();
    for (int64_t next = 0; next < *end;) {
      const auto read = log_->Read(0, next, kReadBytes);
      if (!read) std::abort();
      if (read->empty()) {
        arrivals.Await();
      } else {
        next = read->back().offset + 1;
      }
    }
  }

  store::StoreOptions TableOptions(const std::string& name) const {
    store::StoreOptions options;
    options.path = folder_ + "/" + name;
    options.memory_bytes = 256 << 20;
    return options;
  }

  std::unique_ptr<store::Store> Open(const std::string& name, int64_t load_from) {
    store::StoreOptions options = TableOptions(name);
    options.load_from_messages = load_from;
    auto store = store::Store::Open(options, example::BuiltIn());
    if (!store) std::abort();
    return std::move(*store);
  }

  void Rebuild(const std::string& name, int64_t load_from) {
    const auto store = Open(name, load_from);
    example::Follow(*log_, *store);
    store->Flush();
  }

  size_t leads_;
  std::string folder_;
  std::string brokers_;  // none: the embedded log
  std::string topic_;
  std::unique_ptr<log::Log> log_;
  uint64_t events_ = 0;
};

}  // namespace
}  // namespace crm::bench

int main(int count, char** arguments) {
  const size_t leads = count > 1 ? std::strtoull(arguments[1], nullptr, 10) : 100'000;
  crm::bench::Bench(leads, count > 2 ? arguments[2] : "/tmp", count > 3 ? arguments[3] : "").Run();
}
