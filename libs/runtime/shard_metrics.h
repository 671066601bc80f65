#pragma once

#include <prometheus/collectable.h>

#include <vector>

#include "libs/runtime/shards.h"

namespace crm::runtime {

// Queues, positions and skipped messages of the shards that this process runs.
class ShardMetrics final : public prometheus::Collectable {
 public:
  explicit ShardMetrics(const Shards& shards) : shards_(shards) {}
  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  const Shards& shards_;
};

}  // namespace crm::runtime
