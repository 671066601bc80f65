#include "libs/runtime/call_metrics.h"

#include <prometheus/metric_family.h>

#include <algorithm>

namespace crm::runtime {
namespace {

constexpr std::array<const char*, 17> kCodeNames = {
    "OK",        "CANCELLED",      "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",
    "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
    "ABORTED",   "OUT_OF_RANGE",   "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
    "DATA_LOSS", "UNAUTHENTICATED"};
constexpr size_t kUnknown = 2;

size_t CodeAt(int code) {
  return code >= 0 && code < static_cast<int>(kCodeNames.size()) ? static_cast<size_t>(code)
                                                                 : kUnknown;
}

}  // namespace

const char* CodeName(int code) { return kCodeNames[CodeAt(code)]; }

CallMetrics::CallMetrics(const std::vector<rpc::Endpoint>& endpoints) {
  for (const rpc::Endpoint& endpoint : endpoints) {
    auto& counts = counts_.emplace_back(std::make_unique<Counts>());
    counts->service = rpc::ServiceOf(endpoint.path);
    counts->method = rpc::MethodOf(endpoint.path);
  }
  auto& counts = counts_.emplace_back(std::make_unique<Counts>());
  counts->service = "unknown";
  counts->method = "unknown";
}

void CallMetrics::Observe(const rpc::CallReport& report) {
  Counts& counts =
      report.endpoint < 0 ? *counts_.back() : *counts_[static_cast<size_t>(report.endpoint)];
  const auto bound = std::lower_bound(kBoundsUs.begin(), kBoundsUs.end(), report.duration_us);
  counts.codes[CodeAt(report.code)].fetch_add(1, std::memory_order_relaxed);
  counts.durations[static_cast<size_t>(bound - kBoundsUs.begin())].fetch_add(
      1, std::memory_order_relaxed);
  counts.total_us.fetch_add(report.duration_us, std::memory_order_relaxed);
}

std::vector<prometheus::MetricFamily> CallMetrics::Collect() const {
  prometheus::MetricFamily handled{"grpc_server_handled_total",
                                   "Calls that have ended, by status code.",
                                   prometheus::MetricType::Counter,
                                   {}};
  prometheus::MetricFamily seconds{
      "grpc_server_handling_seconds",
      "How long calls took, from their arrival to the end of the answer.",
      prometheus::MetricType::Histogram,
      {}};
  for (const auto& counts : counts_) AddTo(*counts, &handled, &seconds);
  return {std::move(handled), std::move(seconds)};
}

void CallMetrics::AddTo(const Counts& counts, prometheus::MetricFamily* handled,
                        prometheus::MetricFamily* seconds) {
  for (size_t code = 0; code < kCodes; ++code) {
    const uint64_t calls = counts.codes[code].load(std::memory_order_relaxed);
    // A method that answers well is there from its first scrape, so that its rate begins at zero.
    if (calls == 0 && code != 0) continue;
    auto& metric = handled->metric.emplace_back();
    metric.label = {{"grpc_service", counts.service},
                    {"grpc_method", counts.method},
                    {"grpc_code", kCodeNames[code]}};
    metric.counter.value = static_cast<double>(calls);
  }
  auto& metric = seconds->metric.emplace_back();
  metric.label = {{"grpc_service", counts.service}, {"grpc_method", counts.method}};
  uint64_t cumulative = 0;
  for (size_t i = 0; i < kBoundsUs.size(); ++i) {
    cumulative += counts.durations[i].load(std::memory_order_relaxed);
    metric.histogram.bucket.push_back({cumulative, static_cast<double>(kBoundsUs[i]) / 1e6});
  }
  metric.histogram.sample_count =
      cumulative + counts.durations.back().load(std::memory_order_relaxed);
  metric.histogram.sample_sum =
      static_cast<double>(counts.total_us.load(std::memory_order_relaxed)) / 1e6;
}

}  // namespace crm::runtime
