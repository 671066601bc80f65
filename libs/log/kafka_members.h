#pragma once

#include <librdkafka/rdkafkacpp.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace crm::log::kafka {

// The static members of a consumer group, in the order of their names; nullopt if it can not be
// told within about this time, or until `give_up` says that nobody wants it any more.
std::optional<std::vector<std::string>> MembersOf(RdKafka::Handle& client, const std::string& group,
                                                  int timeout_ms,
                                                  const std::function<bool()>& give_up);

}  // namespace crm::log::kafka
