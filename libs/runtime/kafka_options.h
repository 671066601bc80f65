#pragma once

#include <string>

#include "libs/log/kafka.h"
#include "libs/runtime/settings.h"

namespace crm::runtime {

// How the settings say that a service's events are kept on Kafka.
log::KafkaOptions KafkaOptionsOf(const Settings& settings, const std::string& service,
                                 const log::KafkaTell& tell);

}  // namespace crm::runtime
