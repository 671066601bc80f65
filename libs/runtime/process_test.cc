#include "libs/runtime/process.h"

#include <gmock/gmock.h>
#include <google/protobuf/descriptor.pb.h>
#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "crm/sales/v1/lead.pb.h"
#include "grpc/health/v1/health.pb.h"
#include "libs/rpc/server/serving_test.h"
#include "libs/runtime/http_client_test.h"

namespace crm::runtime {
namespace {

using testing::HasSubstr;

constexpr char kCreate[] = "/crm.sales.v1.Leads/CreateLead";
constexpr char kGet[] = "/crm.sales.v1.Leads/GetLead";

// A whole server in this process, on ports of its own, without the rules of any trade.
class ProcessTest : public testing::Test {
 protected:
  void SetUp() override {
    settings_.data = testing::TempDir() + "/process_test." + std::to_string(getpid());
    std::filesystem::remove_all(settings_.data);
    settings_.grpc = "127.0.0.1:0";
    settings_.http = "127.0.0.1:0";
    settings_.trust_metadata = true;
    Start();
  }
  void TearDown() override {
    process_.reset();
    std::filesystem::remove_all(settings_.data);
  }

  void Start() {
    auto started = Process::Start(settings_, services_, log_);
    ASSERT_TRUE(started) << started.error().text;
    process_ = std::move(started).value();
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!process_->ready() && std::chrono::steady_clock::now() < deadline) {
      process_->Refresh();
      std::this_thread::yield();
    }
    ASSERT_TRUE(process_->ready()) << Get(process_->http_port(), "/readyz").body;
    channel_ = rpc::ChannelTo("127.0.0.1:" + std::to_string(process_->grpc_port()));
  }
  void Stop() {
    process_->StopWanting();
    process_->FinishCalls();
    process_->HandOver();
    process_.reset();
  }

  rpc::Answered Call(const std::string& path, const google::protobuf::Message& request) {
    return rpc::CallUnary(channel_, path, request.SerializeAsString(),
                          {{"crm-tenant", "acme"}, {"crm-user", "ann@acme.example"}});
  }
  sales::v1::Lead Create(const std::string& last_name) {
    sales::v1::CreateLeadRequest request;
    request.mutable_lead()->set_subject("A lead");
    request.mutable_lead()->set_last_name(last_name);
    const rpc::Answered answered = Call(kCreate, request);
    EXPECT_TRUE(answered.status.ok()) << answered.status.error_message();
    sales::v1::Lead lead;
    EXPECT_TRUE(lead.ParseFromString(answered.body));
    return lead;
  }

  std::ostringstream out_;
  JsonLog log_{std::make_shared<spdlog::sinks::ostream_sink_mt>(out_), Level::kDebug};
  Settings settings_;
  std::vector<ServiceCode> services_ = {{"sales", [](shard::Behaviours&) {}}};
  std::unique_ptr<Process> process_;
  std::shared_ptr<grpc::Channel> channel_;
};

TEST_F(ProcessTest, KeepsWhatItAnsweredOverARestart) {
  const sales::v1::Lead lead = Create("Ionescu");
  Stop();
  Start();
  record::v1::GetRequest request;
  request.set_name(lead.name());
  const rpc::Answered answered = Call(kGet, request);
  ASSERT_TRUE(answered.status.ok()) << answered.status.error_message();
  sales::v1::Lead read;
  ASSERT_TRUE(read.ParseFromString(answered.body));
  EXPECT_EQ(read.SerializeAsString(), lead.SerializeAsString());
}

// Of a program that has the code of both: what the one needs of the other, nobody has to say.
TEST_F(ProcessTest, FollowsWhatAServiceElsewhereHasForAll) {
  Stop();
  services_.push_back({"identity",
                       [](shard::Behaviours&) {},
                       {},
                       store::Followed{"identity", {{"users", {"create_time"}}}, {}, true}});
  settings_.services = "sales";
  Start();
  EXPECT_THAT(Get(process_->http_port(), "/metrics").body, HasSubstr(R"(source="identity")"));
  const rpc::Answered refused = Call("/crm.identity.v1.Users/ListUsers", record::v1::ListRequest());
  EXPECT_EQ(refused.status.error_code(), grpc::StatusCode::UNIMPLEMENTED);
  EXPECT_THAT(refused.status.error_message(), HasSubstr("does not serve identity"));
  EXPECT_THAT(refused.status.error_details(), HasSubstr("NOT_SERVED"));
  Stop();
  settings_.services = "all";
  Start();  // nothing is copied where both are
  EXPECT_EQ(Get(process_->http_port(), "/metrics").body.find(R"(source="identity")"),
            std::string::npos);
}

TEST_F(ProcessTest, RebuildsItsProjections) {
  const sales::v1::Lead lead = Create("Ionescu");
  Stop();
  std::filesystem::remove_all(settings_.data + "/projections");
  Start();
  record::v1::GetRequest request;
  request.set_name(lead.name());
  EXPECT_TRUE(Call(kGet, request).status.ok());
}

TEST_F(ProcessTest, AnswersProbes) {
  const int port = process_->http_port();
  EXPECT_EQ(Get(port, "/healthz").status, 200);
  EXPECT_EQ(Get(port, "/startupz").status, 200);
  HttpAnswer ready = Get(port, "/readyz");
  EXPECT_EQ(ready.status, 200);
  const auto body = nlohmann::json::parse(ready.body);
  ASSERT_EQ(body["shards"].size(), 4u);
  for (const auto& shard : body["shards"]) {
    EXPECT_EQ(shard["service"], "sales");
    EXPECT_EQ(shard["owning"], true);
  }
  process_->StopWanting();
  ready = Get(port, "/readyz");
  EXPECT_EQ(ready.status, 503);
  EXPECT_EQ(nlohmann::json::parse(ready.body)["draining"], true);
  EXPECT_EQ(Get(port, "/healthz").status, 200);
}

TEST_F(ProcessTest, TellsItsHealth) {
  grpc::health::v1::HealthCheckRequest request;
  grpc::health::v1::HealthCheckResponse response;
  for (const char* service :
       {"", "crm.sales.v1.Leads", "crm.record.v1.Records", "readiness", "startup"}) {
    request.set_service(service);
    const rpc::Answered answered = Call("/grpc.health.v1.Health/Check", request);
    ASSERT_TRUE(answered.status.ok()) << service;
    ASSERT_TRUE(response.ParseFromString(answered.body));
    EXPECT_EQ(response.status(), grpc::health::v1::HealthCheckResponse::SERVING) << service;
  }
}

TEST_F(ProcessTest, MeasuresCallsWithoutNamingAnybody) {
  const sales::v1::Lead lead = Create("Ionescu");
  const std::string metrics = Get(process_->http_port(), "/metrics").body;
  EXPECT_THAT(metrics, HasSubstr(R"(grpc_server_handled_total{grpc_service="crm.sales.v1.Leads",)"
                                 R"(grpc_method="CreateLead",grpc_code="OK"} 1)"));
  for (const char* name :
       {"crm_shard_queue_commands{", "crm_shard_applied_position{", "crm_log_skipped_total{",
        "process_resident_memory_bytes ", "process_start_time_seconds ", "process_open_fds ",
        "process_cpu_seconds_total ", "crm_build_info{version="}) {
    EXPECT_THAT(metrics, HasSubstr(name));
  }
  EXPECT_EQ(metrics.find("acme"), std::string::npos);
  EXPECT_EQ(metrics.find(lead.name()), std::string::npos);
}

TEST_F(ProcessTest, LogsCallsWithoutTheirContents) {
  Create("Ionescu");
  const std::string lines = out_.str();
  EXPECT_THAT(lines, HasSubstr(R"("method":"CreateLead","code":"OK")"));
  EXPECT_THAT(lines, HasSubstr(R"("tenant":"acme")"));
  EXPECT_EQ(lines.find("Ionescu"), std::string::npos);
}

TEST_F(ProcessTest, GivesItsDescriptors) {
  google::protobuf::FileDescriptorSet files;
  ASSERT_TRUE(files.ParseFromString(Get(process_->http_port(), "/descriptors.pb").body));
  bool found = false;
  for (const auto& file : files.file()) found |= file.name() == "crm/sales/v1/lead.proto";
  EXPECT_TRUE(found);
}

TEST_F(ProcessTest, RefusesADataFolderThatIsInUse) {
  const auto second = Process::Start(settings_, {{"sales", [](shard::Behaviours&) {}}}, log_);
  EXPECT_FALSE(second);
}

TEST_F(ProcessTest, RefusesServicesThatItDoesNotHave) {
  Settings other = settings_;
  other.services = "purchasing";
  const auto refused = Process::Start(other, {{"sales", [](shard::Behaviours&) {}}}, log_);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().text, HasSubstr("purchasing"));
}

}  // namespace
}  // namespace crm::runtime
