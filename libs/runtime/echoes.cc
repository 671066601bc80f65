#include "libs/runtime/echoes.h"

namespace crm::runtime {
namespace {

constexpr auto kWithin = std::chrono::seconds(10);
// As a client says in no time where it is told to say everything.
constexpr size_t kMost = 1'000;

// `[thrd:127.0.0.1:9092/1]: 127.0.0.1:9092/1: Connect … refused (after 0ms in state CONNECT)` and
// `Local: Broker transport failure: 127.0.0.1:9092/1: Connect … refused (after 1ms in state …)`
// both say `127.0.0.1:9092/1: Connect … refused`.
std::string_view CoreOf(std::string_view text) {
  constexpr std::string_view kThread = "[thrd:";
  constexpr std::string_view kLocal = "Local: ";
  size_t begin = 0;
  if (text.starts_with(kThread)) begin = text.find("]: ");
  if (text.starts_with(kLocal)) begin = text.find(": ", kLocal.size());
  if (begin != 0 && begin != std::string_view::npos) text.remove_prefix(text.find(' ', begin) + 1);
  return text.substr(0, text.find(" (after "));
}

}  // namespace

bool Echoes::IsNew(std::string_view text) {
  const std::string_view core = CoreOf(text);
  const Time now = now_();
  const std::lock_guard lock(mutex_);
  if (said_.size() >= kMost)
    std::erase_if(said_, [now](const auto& said) { return now - said.second >= kWithin; });
  if (said_.size() >= kMost) said_.clear();
  const auto [said, first] = said_.emplace(core, now);
  if (!first && now - said->second < kWithin) return false;
  said->second = now;
  return true;
}

}  // namespace crm::runtime
