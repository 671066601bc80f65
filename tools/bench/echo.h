#pragma once

#include <string>

namespace crm::bench {

// Serves every unary method by sending the request back, until the process is told to stop: what a
// call costs in the library alone.
int ServeEcho(const std::string& address);

}  // namespace crm::bench
