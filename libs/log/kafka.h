#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "libs/log/log.h"
#include "libs/record/result.h"

// The log in a topic of a Kafka cluster.
namespace crm::log {

// What the Kafka client has to say besides results: a line for the program's log.
enum class KafkaLevel { kInfo, kWarning, kAlarm };
using KafkaTell = std::function<void(KafkaLevel, const std::string&)>;

struct KafkaOptions {
  std::string brokers;  // host:port,…
  std::string topic;    // crm.<service>.events
  int partitions = 16;  // of a new topic; an existing one must have as many
  int replicas = 3;     // of a new topic; on a smaller cluster, as many as there are brokers
  // Settings of the topic under which acknowledged commands can be lost are refused, unless this is
  // set; then they are only told.
  bool allow_unsafe = false;
  // librdkafka's own settings, such as `sasl.password`, unchanged. What the log's protocol rests on
  // (kafka_client.h) can not be set.
  std::map<std::string, std::string> config;
  KafkaTell tell;  // from any thread; never holds a secret of `config`
};

// Creates the topic if it is missing, and checks its settings, now and every few minutes.
record::Result<std::unique_ptr<Log>> OpenKafka(const KafkaOptions& options);

// Puts a descriptor set under its hash into the compacted topic `crm.schemas`, so that a copied log
// explains itself. `options.topic` and `partitions` do not matter here.
record::Result<record::Done> PublishSchema(const KafkaOptions& options, const std::string& hash,
                                           const std::string& descriptor_set);

}  // namespace crm::log
