#pragma once

#include <string>

namespace crm::bench {

inline constexpr char kEchoPath[] = "/bench.Echo/Echo";

// Serves a unary method that sends the request back, until the process is told to stop: what a call
// costs in the library alone.
int ServeEcho(const std::string& address);

}  // namespace crm::bench
