#include "libs/rpc/server/health.h"

#include <thread>

#include "grpc/health/v1/health.pb.h"
#include "libs/rpc/server/serving_test.h"

namespace crm::rpc {
namespace {

using Response = grpc::health::v1::HealthCheckResponse;

std::string Asking(const std::string& service) {
  grpc::health::v1::HealthCheckRequest request;
  request.set_service(service);
  return request.SerializeAsString();
}

int StateIn(const std::string& body) {
  Response response;
  EXPECT_TRUE(response.ParseFromString(body));
  return response.status();
}

class HealthTest : public testing::Test {
 protected:
  int Check(const std::string& service) {
    const Answered answered = CallUnary(channel_, "/grpc.health.v1.Health/Check", Asking(service));
    EXPECT_TRUE(answered.status.ok()) << answered.status.error_message();
    return StateIn(answered.body);
  }

  Health health_{{"crm.sales.v1.Leads"}};
  std::unique_ptr<Server> server_ = StartServer(health_.Endpoints());
  std::shared_ptr<grpc::Channel> channel_ = ChannelTo(*server_);
};

TEST_F(HealthTest, KnowsServicesAndProbes) {
  EXPECT_EQ(Check("liveness"), Response::SERVING);
  for (const char* name : {"", "crm.sales.v1.Leads", "readiness", "startup"}) {
    EXPECT_EQ(Check(name), Response::NOT_SERVING) << name;
  }
  health_.Set(Health::kStartup, true);
  health_.SetReady(true);
  for (const char* name : {"", "crm.sales.v1.Leads", "readiness", "startup"}) {
    EXPECT_EQ(Check(name), Response::SERVING) << name;
  }
}

TEST_F(HealthTest, RefusesUnknownServicesAndBadRequests) {
  EXPECT_EQ(
      CallUnary(channel_, "/grpc.health.v1.Health/Check", Asking("nobody")).status.error_code(),
      grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(CallUnary(channel_, "/grpc.health.v1.Health/Check", "\x0a\xff").status.error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(CallUnary(channel_, "/grpc.health.v1.Health/Watch", "\x0a\xff").status.error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(HealthTest, WatchesChanges) {
  Talk talk(channel_, "/grpc.health.v1.Health/Watch");
  ASSERT_TRUE(talk.Send(Asking("crm.sales.v1.Leads")));
  std::string message;
  ASSERT_TRUE(talk.Receive(&message));
  EXPECT_EQ(StateIn(message), Response::NOT_SERVING);
  health_.SetReady(true);
  ASSERT_TRUE(talk.Receive(&message));
  EXPECT_EQ(StateIn(message), Response::SERVING);
  health_.SetReady(false);
  ASSERT_TRUE(talk.Receive(&message));
  EXPECT_EQ(StateIn(message), Response::NOT_SERVING);
}

TEST_F(HealthTest, WatchesAServiceThatComesLater) {
  Talk talk(channel_, "/grpc.health.v1.Health/Watch");
  ASSERT_TRUE(talk.Send(Asking("crm.later.v1.Things")));
  std::string message;
  ASSERT_TRUE(talk.Receive(&message));
  EXPECT_EQ(StateIn(message), Response::SERVICE_UNKNOWN);
  health_.Set("crm.later.v1.Things", true);
  ASSERT_TRUE(talk.Receive(&message));
  EXPECT_EQ(StateIn(message), Response::SERVING);
}

TEST_F(HealthTest, EndsWatchesWhenTheServerDrains) {
  Talk talk(channel_, "/grpc.health.v1.Health/Watch");
  ASSERT_TRUE(talk.Send(Asking("")));
  std::string message;
  ASSERT_TRUE(talk.Receive(&message));
  std::thread draining([&] { server_->Drain(std::chrono::seconds(20)); });
  EXPECT_FALSE(talk.Receive(&message));
  EXPECT_EQ(talk.Finish().status.error_code(), grpc::StatusCode::UNAVAILABLE);
  draining.join();
}

}  // namespace
}  // namespace crm::rpc
