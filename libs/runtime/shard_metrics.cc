#include "libs/runtime/shard_metrics.h"

#include <prometheus/metric_family.h>

#include <string>
#include <utility>

namespace crm::runtime {
namespace {

using prometheus::MetricFamily;
using prometheus::MetricType;

prometheus::ClientMetric Of(const Shards::State& state) {
  prometheus::ClientMetric metric;
  metric.label = {{"service", state.service}, {"partition", std::to_string(state.partition)}};
  return metric;
}

void AddGauge(const Shards::State& state, double value, MetricFamily* family) {
  auto metric = Of(state);
  metric.gauge.value = value;
  family->metric.push_back(std::move(metric));
}

void AddCounter(const Shards::State& state, double value, MetricFamily* family) {
  auto metric = Of(state);
  metric.counter.value = value;
  family->metric.push_back(std::move(metric));
}

void AddSkipped(const Shards::State& state, MetricFamily* family) {
  const log::Follower::Counts& counts = state.counts;
  const std::pair<const char*, uint64_t> reasons[] = {{"void_claim", counts.void_claims},
                                                      {"deposed", counts.deposed},
                                                      {"after_end", counts.after_end},
                                                      {"duplicate", counts.duplicates},
                                                      {"hole", counts.holes},
                                                      {"incomplete", counts.incomplete}};
  for (const auto& [reason, count] : reasons) {
    AddCounter(state, static_cast<double>(count), family);
    family->metric.back().label.push_back({"reason", reason});
  }
}

}  // namespace

std::vector<MetricFamily> ShardMetrics::Collect() const {
  MetricFamily owning{
      "crm_shard_owning", "1 where this process is the partition's writer.", MetricType::Gauge, {}};
  MetricFamily queue{
      "crm_shard_queue_commands", "Commands that wait to be decided.", MetricType::Gauge, {}};
  MetricFamily applied{"crm_shard_applied_position",
                       "Offset after the last message that was applied.",
                       MetricType::Gauge,
                       {}};
  MetricFamily end{"crm_log_end_position",
                   "Offset that the partition's next message will have.",
                   MetricType::Gauge,
                   {}};
  MetricFamily claims{
      "crm_log_claims_total", "Claims written since the start.", MetricType::Counter, {}};
  MetricFamily skipped{"crm_log_skipped_total",
                       "Messages that were read and did not count, by reason.",
                       MetricType::Counter,
                       {}};
  for (const Shards::State& state : shards_.States()) {
    AddGauge(state, state.owning ? 1 : 0, &owning);
    AddGauge(state, static_cast<double>(state.queued), &queue);
    AddGauge(state, static_cast<double>(state.applied), &applied);
    AddGauge(state, static_cast<double>(state.end), &end);
    AddCounter(state, static_cast<double>(state.claims_written), &claims);
    AddSkipped(state, &skipped);
  }
  return {std::move(owning), std::move(queue),  std::move(applied),
          std::move(end),    std::move(claims), std::move(skipped)};
}

}  // namespace crm::runtime
