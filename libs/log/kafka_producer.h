#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "libs/log/kafka_client.h"
#include "libs/log/log.h"

namespace crm::log::kafka {

// The default is the log's own way; tests provoke what it prevents.
struct ProducerOptions {
  Settings settings;  // instead of the log's own of these names
  // Messages wait for the report of those before them, so that the next request has all that came
  // meanwhile.
  bool gathers = true;
};

// One claim's producer (A1): idempotent, never giving up by itself, so that what is sent lands in
// the order of sequences, or its session ends.
record::Result<std::unique_ptr<Producer>> NewProducer(const KafkaOptions& options, Ears* ears,
                                                      const ProducerOptions& own, int partition,
                                                      std::function<void()> wake);

// For a claim that can not be written at all: everything fails at once.
std::unique_ptr<Producer> NewFailedProducer(std::string why, std::function<void()> wake);

}  // namespace crm::log::kafka
