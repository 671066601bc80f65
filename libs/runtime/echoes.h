#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace crm::runtime {

// Tells lines of the Kafka client's that say nothing new. A process has a dozen such clients, and
// each says by itself that a broker is gone: once as what it logs, and once as an error.
class Echoes {
 public:
  using Time = std::chrono::steady_clock::time_point;
  explicit Echoes(std::function<Time()> now = [] { return std::chrono::steady_clock::now(); })
      : now_(std::move(now)) {}

  // False: the same was said within the ten seconds before, but for which thread or kind of error
  // said it, and how often or after how long it happened. Thread-safe.
  bool IsNew(std::string_view text);

 private:
  const std::function<Time()> now_;
  std::mutex mutex_;
  std::map<std::string, Time, std::less<>> said_;  // what of it stays the same, when it was written
};

}  // namespace crm::runtime
