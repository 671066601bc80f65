#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "libs/log/errands.h"
#include "libs/log/kafka.h"
#include "libs/log/kafka_client.h"
#include "libs/log/kafka_ends.h"
#include "libs/log/kafka_producer.h"
#include "libs/log/kafka_stream.h"

namespace crm::log::kafka {

class KafkaLog final : public Log {
 public:
  // `producer` is for tests that provoke what the producers' settings prevent.
  static record::Result<std::unique_ptr<Log>> Open(const KafkaOptions& options,
                                                   const ProducerOptions& producer = {});
  ~KafkaLog() override;

  int partitions() const override { return static_cast<int>(streams_.size()); }
  bool exclusive() const override { return false; }
  std::unique_ptr<Producer> NewProducer(int partition, std::function<void()> wake) override;
  record::Result<std::vector<Stored>> Read(int partition, int64_t from, size_t max_bytes) override;
  record::Result<std::optional<Stored>> ReadOne(int partition, int64_t offset) override;
  std::shared_ptr<void> Watch(int partition, std::function<void()> wake) override;
  record::Result<int64_t> End(int partition) override;
  void Aside(std::function<void()> work) override { errands_.Run(std::move(work)); }
  bool silent() const override { return patience_.silent(); }
  void StopWaiting() override;

 private:
  // A client that reads, with the topic's handle in it.
  struct Reader {
    std::unique_ptr<RdKafka::Consumer> client;
    std::unique_ptr<RdKafka::Topic> topic;
  };

  KafkaLog(const KafkaOptions& options, const ProducerOptions& producer);
  record::Result<Reader> NewReader(const Settings& more);
  record::Result<record::Done> Prepare();
  record::Result<record::Done> Create(int brokers);
  record::Error NotSafe(const std::vector<std::string>& reasons) const;
  record::Result<record::Done> CheckSettings();
  record::Result<std::vector<Stored>> ReadAside(int partition, int64_t from, size_t max_bytes);
  void Keep();

  const KafkaOptions options_;
  const ProducerOptions producer_options_;
  Ears ears_;
  Patience patience_;
  Reader ahead_;                           // follows whole partitions
  Reader aside_;                           // looks single messages up
  std::vector<std::mutex> aside_mutexes_;  // by partition: one look at a time
  std::unique_ptr<Ends> ends_;
  std::vector<std::unique_ptr<Stream>> streams_;

  std::mutex mutex_;
  std::condition_variable stopped_;
  bool stop_ = false;
  std::thread keeper_;
  Errands errands_;  // these ask all of the above
};

}  // namespace crm::log::kafka
