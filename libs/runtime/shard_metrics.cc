#include "libs/runtime/shard_metrics.h"

#include <prometheus/metric_family.h>

#include <algorithm>
#include <initializer_list>
#include <string>
#include <utility>

#include "libs/runtime/rebuild.h"

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

void MoveAll(std::initializer_list<MetricFamily*> from, std::vector<MetricFamily>* families) {
  for (MetricFamily* family : from) families->push_back(std::move(*family));
}

// What each shard keeps of other services' records, and how far it is behind them.
class ReplicaFamilies {
 public:
  void Add(const Shards::State& state, int64_t now) {
    for (const Shards::Following& following : state.following) {
      AddGauge(state, static_cast<double>(following.applied), &position_);
      const int64_t behind = std::max<int64_t>(following.end - following.applied, 0);
      AddGauge(state, static_cast<double>(behind), &records_);
      AddGauge(state, static_cast<double>(now - following.current_as_of) / 1e6, &seconds_);
      AddCounter(state, static_cast<double>(following.skipped), &skipped_);
      for (MetricFamily* family : {&position_, &records_, &seconds_, &skipped_}) {
        auto& label = family->metric.back().label;
        label.push_back({"source", following.service});
        label.push_back({"source_partition", std::to_string(following.partition)});
      }
    }
  }
  void MoveTo(std::vector<MetricFamily>* families) {
    MoveAll({&position_, &records_, &seconds_, &skipped_}, families);
  }

 private:
  MetricFamily position_{"crm_replica_position",
                         "Offset after the last message of the followed service that was applied.",
                         MetricType::Gauge,
                         {}};
  MetricFamily records_{"crm_replica_lag_records",
                        "Messages that the followed service had more when it was asked last.",
                        MetricType::Gauge,
                        {}};
  MetricFamily seconds_{"crm_replica_lag_seconds",
                        "Time for which something of the followed service may be missing.",
                        MetricType::Gauge,
                        {}};
  MetricFamily skipped_{"crm_replica_skipped_total",
                        "Events of the followed service of which this program knows nothing.",
                        MetricType::Counter,
                        {}};
};

// What each shard's reactors have done with other services' events.
class ReactorFamilies {
 public:
  void Add(const Shards::State& state) {
    for (const shard::Reaction::Facts& facts : state.reactions) {
      AddGauge(state, static_cast<double>(facts.position), &position_);
      AddGauge(state, static_cast<double>(facts.parked.size()), &parked_);
      AddCounter(state, static_cast<double>(facts.commits), &commits_);
      AddCounter(state, static_cast<double>(facts.refused), &refused_);
      for (MetricFamily* family : {&position_, &parked_, &commits_, &refused_}) {
        family->metric.back().label.push_back({"reactor", facts.reactor});
        family->metric.back().label.push_back({"source", facts.source});
      }
    }
  }
  void MoveTo(std::vector<MetricFamily>* families) {
    MoveAll({&position_, &parked_, &commits_, &refused_}, families);
  }

 private:
  MetricFamily position_{"crm_reactor_position",
                         "Offset of the newest event that the reactor is done with.",
                         MetricType::Gauge,
                         {}};
  MetricFamily parked_{"crm_reactor_parked_tenants",
                       "Tenants whose events wait for an operator.",
                       MetricType::Gauge,
                       {}};
  MetricFamily commits_{"crm_reactor_commits_total",
                        "Events that the reactor left something of.",
                        MetricType::Counter,
                        {}};
  MetricFamily refused_{"crm_reactor_refused_total",
                        "Times that the reactor refused an event.",
                        MetricType::Counter,
                        {}};
};

// Records that are woken by a time in them.
class TimerFamilies {
 public:
  void Add(const Shards::State& state, record::Instant wall) {
    const shard::Timers::Facts& timers = state.timers;
    auto lateness = Of(state);
    lateness.summary.sample_count = timers.fired;
    lateness.summary.sample_sum = static_cast<double>(timers.late_us) / 1e6;
    lateness_.metric.push_back(std::move(lateness));
    const int64_t overdue =
        timers.next_due_us == 0 ? 0 : std::max<int64_t>(wall - timers.next_due_us, 0);
    AddGauge(state, static_cast<double>(overdue) / 1e6, &overdue_);
    AddCounter(state, static_cast<double>(timers.refused), &refused_);
  }
  void MoveTo(std::vector<MetricFamily>* families) {
    MoveAll({&lateness_, &overdue_, &refused_}, families);
  }

 private:
  MetricFamily lateness_{"crm_timer_lateness_seconds",
                         "How long after their times records were woken.",
                         MetricType::Summary,
                         {}};
  MetricFamily overdue_{"crm_timer_overdue_seconds",
                        "For how long the next record to be woken has been due.",
                        MetricType::Gauge,
                        {}};
  MetricFamily refused_{"crm_timer_refused_total",
                        "Times that waking a record was refused.",
                        MetricType::Counter,
                        {}};
};

// Deletes, merges and their ways back that take more than one commit.
class OperationFamilies {
 public:
  void Add(const Shards::State& state) {
    AddGauge(state, static_cast<double>(state.operations.open), &open_);
    AddGauge(state, static_cast<double>(state.operations.failing.size()), &failing_);
    AddCounter(state, static_cast<double>(state.operations.failed_steps), &failed_);
  }
  void MoveTo(std::vector<MetricFamily>* families) {
    MoveAll({&open_, &failing_, &failed_}, families);
  }

 private:
  MetricFamily open_{"crm_shard_operations_open",
                     "Deletes and merges of more than one commit that are under way.",
                     MetricType::Gauge,
                     {}};
  MetricFamily failing_{"crm_shard_operations_failing",
                        "Those of them whose last step was refused.",
                        MetricType::Gauge,
                        {}};
  MetricFamily failed_{"crm_shard_operation_failed_steps_total",
                       "Times that a step of one was refused.",
                       MetricType::Counter,
                       {}};
};

// What the shard's store does besides serving.
class StoreFamilies {
 public:
  void Add(const Shards::State& state) {
    const auto& loading = state.loading;
    AddGauge(state, loading ? static_cast<double>(loading->end - loading->next) : 0, &left_);
    AddGauge(state, loading ? LeftSeconds(*loading) : 0, &left_seconds_);
    AddGauge(state, static_cast<double>(state.building.size()), &building_);
    AddGauge(state, static_cast<double>(state.parked), &parked_);
  }
  void MoveTo(std::vector<MetricFamily>* families) {
    MoveAll({&left_, &left_seconds_, &building_, &parked_}, families);
  }

 private:
  MetricFamily left_{"crm_store_rebuild_left_events",
                     "Messages of the log that a rebuild still has to read.",
                     MetricType::Gauge,
                     {}};
  MetricFamily left_seconds_{"crm_store_rebuild_left_seconds",
                             "About how long a rebuild still takes; -1: unknown yet.",
                             MetricType::Gauge,
                             {}};
  MetricFamily building_{"crm_store_building_indexes",
                         "Indexes that are being built in the background.",
                         MetricType::Gauge,
                         {}};
  MetricFamily parked_{"crm_store_parked_tenants",
                       "Tenants that are read-only because an event of theirs can not be applied.",
                       MetricType::Gauge,
                       {}};
};

// The shard itself and its log.
class PartitionFamilies {
 public:
  void Add(const Shards::State& state) {
    AddGauge(state, state.owning ? 1 : 0, &owning_);
    AddGauge(state, state.trouble.empty() ? 0 : 1, &stopped_);
    AddGauge(state, static_cast<double>(state.queued), &queue_);
    AddGauge(state, static_cast<double>(state.applied), &applied_);
    AddGauge(state, static_cast<double>(state.end), &end_);
    AddCounter(state, static_cast<double>(state.claims_written), &claims_);
    AddSkipped(state, &skipped_);
  }
  void MoveTo(std::vector<MetricFamily>* families) {
    MoveAll({&owning_, &stopped_, &queue_, &applied_, &end_, &claims_, &skipped_}, families);
  }

 private:
  MetricFamily owning_{
      "crm_shard_owning", "1 where this process is the partition's writer.", MetricType::Gauge, {}};
  MetricFamily stopped_{
      "crm_shard_stopped", "1 where the log holds what can not be.", MetricType::Gauge, {}};
  MetricFamily queue_{
      "crm_shard_queue_commands", "Commands that wait to be decided.", MetricType::Gauge, {}};
  MetricFamily applied_{"crm_shard_applied_position",
                        "Offset after the last message that was applied.",
                        MetricType::Gauge,
                        {}};
  MetricFamily end_{"crm_log_end_position",
                    "Offset that the partition's next message will have.",
                    MetricType::Gauge,
                    {}};
  MetricFamily claims_{
      "crm_log_claims_total", "Claims written since the start.", MetricType::Counter, {}};
  MetricFamily skipped_{"crm_log_skipped_total",
                        "Messages that were read and did not count, by reason.",
                        MetricType::Counter,
                        {}};
};

}  // namespace

std::vector<MetricFamily> ShardMetrics::Collect() const {
  PartitionFamilies partitions;
  StoreFamilies stores;
  ReplicaFamilies replicas;
  ReactorFamilies reactors;
  TimerFamilies timers;
  OperationFamilies operations;
  for (const Shards::State& state : shards_.States()) {
    partitions.Add(state);
    stores.Add(state);
    replicas.Add(state, clock_.Boottime());
    reactors.Add(state);
    timers.Add(state, clock_.Wall());
    operations.Add(state);
  }
  std::vector<MetricFamily> families;
  partitions.MoveTo(&families);
  stores.MoveTo(&families);
  replicas.MoveTo(&families);
  reactors.MoveTo(&families);
  timers.MoveTo(&families);
  operations.MoveTo(&families);
  return families;
}

}  // namespace crm::runtime
