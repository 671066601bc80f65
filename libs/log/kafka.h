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

// What whoever sets the options calls them, for refusals that say which one to look at.
struct KafkaNames {
  std::string brokers = "--kafka-brokers";
  std::string partitions = "--partitions";
  std::string replicas = "--kafka-replication";
  std::string allow_unsafe = "--kafka-allow-unsafe";
  std::string config = "--kafka-config";
};

struct KafkaOptions {
  std::string brokers;  // host:port,…
  std::string topic;    // crm.<service>.events
  int partitions = 16;  // of a new topic; an existing one must have as many
  int replicas = 3;     // of a new topic; on a smaller cluster, as many as there are brokers
  bool create = true;   // a topic that is missing; else it is refused
  // Settings of the topic under which acknowledged commands can be lost are refused, unless this is
  // set; then they are only told.
  bool allow_unsafe = false;
  // librdkafka's own settings, such as `sasl.password`, unchanged. What the log's protocol rests on
  // (kafka_client.h) can not be set.
  std::map<std::string, std::string> config;
  KafkaTell tell;  // from any thread; never holds a secret of `config`
  KafkaNames names;
};

// Creates the topic if it is missing and may be made, and checks its settings, now and every few
// minutes.
record::Result<std::unique_ptr<Log>> OpenKafka(const KafkaOptions& options);

// Puts a descriptor set under its hash into the compacted topic `crm.schemas`, so that a copied log
// explains itself. `options.topic` and `partitions` do not matter here.
record::Result<record::Done> PublishSchema(const KafkaOptions& options, const std::string& hash,
                                           const std::string& descriptor_set);

}  // namespace crm::log
