#pragma once

#include <prometheus/collectable.h>

#include <vector>

namespace crm::runtime {

// The metrics that Prometheus' own client libraries give of every process, and the build's version.
class ProcessMetrics final : public prometheus::Collectable {
 public:
  std::vector<prometheus::MetricFamily> Collect() const override;
};

}  // namespace crm::runtime
