#pragma once

#include <librdkafka/rdkafkacpp.h>

#include <string>
#include <vector>

namespace crm::log::kafka {

// The static members of a consumer group, in the order of their names; none if it can not be told
// now.
std::vector<std::string> MembersOf(RdKafka::Handle& client, const std::string& group);

}  // namespace crm::log::kafka
