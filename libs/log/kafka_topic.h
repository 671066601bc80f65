#pragma once

#include <librdkafka/rdkafkacpp.h>

#include <map>
#include <string>
#include <vector>

#include "libs/log/kafka.h"

// Topics: what they must be like, and what they are like (log.md, "Topic").
namespace crm::log::kafka {

struct Topic {
  std::string name;
  int partitions = 1;
  int replicas = 3;
  std::map<std::string, std::string> settings;
};

// The events of a service as they should be: nothing is ever deleted, and nothing acknowledged is
// lost with one broker.
Topic EventsTopic(const KafkaOptions& options, int brokers);

// Makes the topic if it is not there. All partitions have a leader when it returns.
record::Result<record::Done> CreateTopic(RdKafka::Handle& client, const Topic& topic);

// Some broker answers.
record::Result<record::Done> Reach(RdKafka::Handle& client);

struct Placement {
  int brokers = 0;
  int partitions = 0;  // 0: the topic is not there
  int replicas = 0;    // of the partition that has the fewest
  bool led = false;    // every partition has a leader
};
// Asked for now.
record::Result<Placement> Place(RdKafka::Handle& client, const std::string& topic);

// What makes the topic unsafe for a log, a sentence each. An error if there is none.
record::Result<std::vector<std::string>> FindUnsafe(RdKafka::Handle& client,
                                                    const std::string& topic);
std::vector<std::string> UnsafeSettings(const std::map<std::string, std::string>& settings,
                                        int replicas);

}  // namespace crm::log::kafka
