#include "libs/runtime/call_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <sstream>

namespace crm::runtime {
namespace {

using testing::HasSubstr;

rpc::CallReport Report(int endpoint, int code, int64_t duration_us) {
  rpc::CallReport report;
  report.endpoint = endpoint;
  report.code = code;
  report.duration_us = duration_us;
  return report;
}

std::string TextOf(const CallMetrics& metrics) {
  std::ostringstream out;
  prometheus::TextSerializer().Serialize(out, metrics.Collect());
  return out.str();
}

TEST(CallMetrics, CountByMethodAndCode) {
  CallMetrics metrics({{"/crm.sales.v1.Leads/GetLead", {}}, {"/crm.sales.v1.Leads/ListLeads", {}}});
  metrics.Observe(Report(0, 0, 90));
  metrics.Observe(Report(0, 0, 300));
  metrics.Observe(Report(0, 5, 99'000'000));
  metrics.Observe(Report(-1, 12, 10));
  metrics.Observe(Report(0, 999, 10));
  const std::string text = TextOf(metrics);
  const std::string get = R"(grpc_service="crm.sales.v1.Leads",grpc_method="GetLead")";
  EXPECT_THAT(text, HasSubstr("grpc_server_handled_total{" + get + R"(,grpc_code="OK"} 2)"));
  EXPECT_THAT(text, HasSubstr("grpc_server_handled_total{" + get + R"(,grpc_code="NOT_FOUND"} 1)"));
  EXPECT_THAT(text, HasSubstr("grpc_server_handled_total{" + get + R"(,grpc_code="UNKNOWN"} 1)"));
  EXPECT_THAT(
      text,
      HasSubstr(R"(grpc_service="unknown",grpc_method="unknown",grpc_code="UNIMPLEMENTED"} 1)"));
  EXPECT_THAT(text, HasSubstr(R"(grpc_method="ListLeads",grpc_code="OK"} 0)"));
  EXPECT_THAT(text, HasSubstr("grpc_server_handling_seconds_bucket{" + get + R"(,le="0.0001"} 2)"));
  EXPECT_THAT(text, HasSubstr("grpc_server_handling_seconds_bucket{" + get + R"(,le="0.0005"} 3)"));
  EXPECT_THAT(text, HasSubstr("grpc_server_handling_seconds_bucket{" + get + R"(,le="10"} 3)"));
  EXPECT_THAT(text, HasSubstr("grpc_server_handling_seconds_bucket{" + get + R"(,le="+Inf"} 4)"));
  EXPECT_THAT(text, HasSubstr("grpc_server_handling_seconds_count{" + get + "} 4"));
}

}  // namespace
}  // namespace crm::runtime
