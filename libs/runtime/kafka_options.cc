#include "libs/runtime/kafka_options.h"

namespace crm::runtime {

log::KafkaOptions KafkaOptionsOf(const Settings& settings, const std::string& service,
                                 const log::KafkaTell& tell) {
  log::KafkaOptions options;
  options.brokers = settings.kafka_brokers;
  options.topic = TopicOf(settings, service, "events");
  options.partitions = static_cast<int>(settings.partitions);
  options.replicas = static_cast<int>(settings.kafka_replication);
  options.allow_unsafe = settings.kafka_allow_unsafe;
  for (const std::string& pair : settings.kafka_config) {
    const size_t equals = pair.find('=');
    options.config[pair.substr(0, equals)] = pair.substr(equals + 1);
  }
  options.tell = tell;
  return options;
}

}  // namespace crm::runtime
