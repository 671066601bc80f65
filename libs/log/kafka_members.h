#pragma once

#include <librdkafka/rdkafkacpp.h>

#include <optional>
#include <string>
#include <vector>

namespace crm::log::kafka {

// The static members of a consumer group, in the order of their names; nullopt if it can not be
// told within about this time.
std::optional<std::vector<std::string>> MembersOf(RdKafka::Handle& client, const std::string& group,
                                                  int timeout_ms);

}  // namespace crm::log::kafka
