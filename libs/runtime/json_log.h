#pragma once

#include <spdlog/logger.h>

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

namespace crm::runtime {

enum class Level { kDebug, kInfo, kWarning, kError };

// One fact of a line of the log. Never what a request contains.
struct Fact {
  std::string_view key;
  std::variant<std::string_view, int64_t, double, bool> value;
};

// One JSON object a line: `ts` (RFC 3339, UTC), `level`, `msg`, then the facts. Thread-safe.
class JsonLog {
 public:
  JsonLog(std::shared_ptr<spdlog::sinks::sink> sink, Level least);
  // On stderr; `least` is `debug`, `info`, `warning` or `error`.
  static JsonLog ToStderr(std::string_view least);

  bool Writes(Level level) const { return level >= least_; }
  void Write(Level level, std::string_view message, std::initializer_list<Fact> facts = {});

 private:
  std::shared_ptr<spdlog::logger> logger_;
  Level least_;
};

}  // namespace crm::runtime
