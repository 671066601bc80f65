#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "libs/log/kafka.h"

namespace crm::runtime {

// Puts the descriptor set under its hash into `crm.schemas`, on a thread of its own that tries
// until it succeeds: whoever reads a topic needs it, and whoever serves does not.
class SchemaPublisher {
 public:
  SchemaPublisher(log::KafkaOptions options, std::string sha256, std::string descriptor_set);
  // Waits for an attempt that is under way.
  ~SchemaPublisher();

 private:
  void Run();

  const log::KafkaOptions options_;
  const std::string sha256_;
  const std::string descriptor_set_;
  std::mutex mutex_;
  std::condition_variable stopped_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace crm::runtime
