#pragma once

#include <prometheus/collectable.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "libs/rpc/server/server.h"

namespace crm::runtime {

// How many calls ended with which code after how long, for each method. Counting takes no lock and
// looks nothing up: a call knows the number of its endpoint.
class CallMetrics final : public prometheus::Collectable {
 public:
  explicit CallMetrics(const std::vector<rpc::Endpoint>& endpoints);

  void Observe(const rpc::CallReport& report);
  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  static constexpr std::array<int64_t, 16> kBoundsUs = {
      100,    250,     500,     1'000,   2'500,     5'000,     10'000,    25'000,
      50'000, 100'000, 250'000, 500'000, 1'000'000, 2'500'000, 5'000'000, 10'000'000};
  static constexpr size_t kCodes = 17;

  struct Counts {
    std::string service;
    std::string method;
    std::array<std::atomic<uint64_t>, kCodes> codes{};
    std::array<std::atomic<uint64_t>, kBoundsUs.size() + 1> durations{};
    std::atomic<int64_t> total_us{0};
  };
  static void AddTo(const Counts& counts, prometheus::MetricFamily* handled,
                    prometheus::MetricFamily* seconds);

  // The last is that of methods which do not exist.
  std::vector<std::unique_ptr<Counts>> counts_;
};

// `NOT_FOUND` for 5.
const char* CodeName(int code);

}  // namespace crm::runtime
