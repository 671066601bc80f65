#include "libs/runtime/json_log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <time.h>

#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <utility>

namespace crm::runtime {
namespace {

constexpr std::array<std::string_view, 4> kNames = {"debug", "info", "warning", "error"};

std::string Now() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  tm parts{};
  gmtime_r(&now.tv_sec, &parts);
  char seconds[32];
  char text[64];
  strftime(seconds, sizeof seconds, "%Y-%m-%dT%H:%M:%S", &parts);
  std::snprintf(text, sizeof text, "%s.%06dZ", seconds,
                static_cast<int>(now.tv_nsec / 1000 % 1'000'000));
  return text;
}

Level Named(std::string_view name) {
  for (size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<Level>(i);
  }
  return Level::kInfo;
}

}  // namespace

JsonLog::JsonLog(std::shared_ptr<spdlog::sinks::sink> sink, Level least)
    : logger_(std::make_shared<spdlog::logger>("crm", std::move(sink))), least_(least) {
  logger_->set_pattern("%v");
  logger_->set_level(spdlog::level::trace);
}

JsonLog JsonLog::ToStderr(std::string_view least) {
  return {std::make_shared<spdlog::sinks::stderr_sink_mt>(), Named(least)};
}

void JsonLog::Write(Level level, std::string_view message, std::initializer_list<Fact> facts) {
  if (!Writes(level)) return;
  nlohmann::ordered_json line;
  line["ts"] = Now();
  line["level"] = kNames[static_cast<size_t>(level)];
  line["msg"] = message;
  for (const Fact& fact : facts) {
    std::visit([&](const auto& value) { line[std::string(fact.key)] = value; }, fact.value);
  }
  // A caller's metadata need not be UTF-8.
  logger_->log(spdlog::level::info, spdlog::string_view_t(line.dump(
                                        -1, ' ', false, nlohmann::json::error_handler_t::replace)));
}

}  // namespace crm::runtime
