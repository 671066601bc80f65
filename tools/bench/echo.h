#pragma once

#include <chrono>
#include <string>

namespace crm::bench {

inline constexpr char kEchoPath[] = "/bench.Echo/Echo";

// Serves a unary method that sends the request back, until the process is told to stop: what a call
// costs in the library alone. With `work`, the answers come from one other thread, which is busy so
// long for each: what is left of that where one thread decides, as a shard's does.
int ServeEcho(const std::string& address, std::chrono::microseconds work);

}  // namespace crm::bench
