#pragma once

#include <prometheus/collectable.h>

#include <vector>

#include "libs/record/clock.h"
#include "libs/runtime/shards.h"

namespace crm::runtime {

// Queues, positions and skipped messages of the shards that this process runs.
class ShardMetrics final : public prometheus::Collectable {
 public:
  ShardMetrics(const Shards& shards, const record::Clock& clock) : shards_(shards), clock_(clock) {}
  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  const Shards& shards_;
  const record::Clock& clock_;
};

}  // namespace crm::runtime
