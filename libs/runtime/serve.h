#pragma once

#include <vector>

#include "libs/runtime/settings.h"
#include "libs/runtime/shards.h"

namespace crm::runtime {

// Reads the command line and the environment and does what they ask for; the exit code. `services`
// are all that this program has the code of.
int Main(int argc, char** argv, const std::vector<ServiceCode>& services);

// Serves until SIGTERM or SIGINT, then hands everything over: 0. 1 if it could not start, or could
// not go on, since another process has taken its name among the others on Kafka.
int Serve(const Settings& settings, const std::vector<ServiceCode>& services);

}  // namespace crm::runtime
