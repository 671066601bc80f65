#pragma once

#include <librdkafka/rdkafkacpp.h>

#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "libs/log/kafka.h"

// What every Kafka client of ours is configured with.
namespace crm::log::kafka {

using Settings = std::vector<std::pair<std::string, std::string>>;

// What librdkafka logs, and its errors that belong to no call, without the secrets in the
// configuration.
class Ears final : public RdKafka::EventCb {
 public:
  explicit Ears(const KafkaOptions& options);
  void event_cb(RdKafka::Event& event) override;
  void Tell(KafkaLevel level, const std::string& text) const;
  std::string WithoutSecrets(std::string text) const;
  // Nothing is told any more; what was begun is over when it returns.
  void Silence();

 private:
  mutable std::mutex mutex_;
  KafkaTell tell_;
  std::vector<std::string> secrets_;
};

// `ours` come last and can not be overridden: a setting of the operator's that the protocol rests
// on is refused. `ears` must outlive the client.
record::Result<std::unique_ptr<RdKafka::Conf>> NewConf(const KafkaOptions& options, Ears* ears,
                                                       const Settings& ours);

// For the log and for C++ calls alike.
record::Error ErrorOf(const std::string& what, RdKafka::ErrorCode code);

}  // namespace crm::log::kafka
