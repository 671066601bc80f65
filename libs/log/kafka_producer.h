#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "libs/log/kafka_client.h"
#include "libs/log/log.h"

namespace crm::log::kafka {

// One claim's producer (A1): idempotent, never giving up by itself, so that what is sent lands in
// the order of sequences, or its session ends. `more` is for tests that provoke what it prevents.
record::Result<std::unique_ptr<Producer>> NewProducer(const KafkaOptions& options, Ears* ears,
                                                      const Settings& more, int partition,
                                                      std::function<void()> wake);

// For a claim that can not be written at all: everything fails at once.
std::unique_ptr<Producer> NewFailedProducer(std::string why, std::function<void()> wake);

}  // namespace crm::log::kafka
