#include "libs/runtime/rebuild.h"

#include <cmath>
#include <cstdio>

namespace crm::runtime {
namespace {

constexpr int64_t kReportEveryUs = 5'000'000;
// Before that, a rate says nothing.
constexpr double kLeastSeconds = 0.5;

double Rate(const store::Store::Loading& loading) {
  return loading.seconds > 0 ? static_cast<double>(loading.next - loading.from) / loading.seconds
                             : 0;
}

int Percent(const store::Store::Loading& loading) {
  return loading.end > 0 ? static_cast<int>(100 * loading.next / loading.end) : 100;
}

}  // namespace

double LeftSeconds(const store::Store::Loading& loading) {
  const double rate = Rate(loading);
  if (loading.seconds < kLeastSeconds || rate <= 0) return -1;
  return static_cast<double>(loading.end - loading.next) / rate;
}

std::string Describe(const store::Store::Loading& loading) {
  std::string text = std::to_string(Percent(loading)) + " % of " + std::to_string(loading.end);
  const double left = LeftSeconds(loading);
  if (left < 0) return text;
  return text + ", about " + std::to_string(static_cast<int64_t>(std::ceil(left))) + " s left";
}

void RebuildLog::Report(const std::vector<Shards::State>& states, int64_t boottime) {
  for (const Shards::State& state : states) {
    const std::pair key(state.service, state.partition);
    const auto found = seen_.find(key);
    if (!state.loading && found == seen_.end()) continue;
    const bool done = !state.loading;
    Seen& seen = done ? found->second : seen_[key];
    if (!done) seen.loading = *state.loading;
    if (!done && boottime < seen.next_report) continue;
    seen.next_report = boottime + kReportEveryUs;
    const auto& loading = seen.loading;
    log_.Write(Level::kInfo, done ? "rebuilt" : "rebuilding",
               {{"service", state.service},
                {"partition", int64_t{state.partition}},
                {"events", (done ? loading.end : loading.next) - loading.from},
                {"events_per_second", static_cast<int64_t>(Rate(loading))},
                {"progress", done ? std::string("100 %") : Describe(loading)}});
    if (done) seen_.erase(key);
  }
}

}  // namespace crm::runtime
