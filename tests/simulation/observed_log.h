#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "libs/log/simulated.h"

namespace crm::simulation {

// A process's way to the log, on which every message that it sends is looked at.
class ObservedLog final : public log::Log {
 public:
  using Observe = std::function<void(const log::Envelope&)>;
  ObservedLog(log::SimulatedLog& log, Observe observe) : log_(log), observe_(std::move(observe)) {}

  int partitions() const override { return log_.partitions(); }
  bool exclusive() const override { return log_.exclusive(); }
  std::unique_ptr<log::Producer> NewProducer(int partition, std::function<void()> wake) override;
  record::Result<std::vector<log::Stored>> Read(int partition, int64_t from,
                                                size_t max_bytes) override {
    return log_.Read(partition, from, max_bytes);
  }
  record::Result<int64_t> End(int partition) override { return log_.End(partition); }

 private:
  log::SimulatedLog& log_;
  const Observe observe_;
};

}  // namespace crm::simulation
