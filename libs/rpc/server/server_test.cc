#include "libs/rpc/server/server.h"

#include <gmock/gmock.h>

#include <atomic>
#include <mutex>
#include <thread>

#include "google/rpc/error_details.pb.h"
#include "libs/rpc/server/serving_test.h"

namespace crm::rpc {
namespace {

using testing::Contains;
using testing::Pair;

TEST(Server, AnswersWithBodyAndMetadata) {
  auto server = StartServer({EchoEndpoint()});
  const Answered answered = CallUnary(ChannelTo(*server), "/test.Echo/Echo", "hello");
  ASSERT_TRUE(answered.status.ok()) << answered.status.error_message();
  EXPECT_EQ(answered.body, "hello");
  EXPECT_THAT(answered.initial, Contains(Pair("crm-position", "sales-0-7")));
  EXPECT_THAT(answered.trailing, Contains(Pair("crm-events", "/test.Echo/Echo")));
}

TEST(Server, CarriesEmptyAndLongMessages) {
  auto server = StartServer({EchoEndpoint()});
  auto channel = ChannelTo(*server);
  for (const size_t bytes : {size_t{0}, size_t{1}, size_t{1024}, size_t{1025}, size_t{3} << 20}) {
    const std::string sent(bytes, 'x');
    const Answered answered = CallUnary(channel, "/test.Echo/Echo", sent);
    ASSERT_TRUE(answered.status.ok()) << bytes << ": " << answered.status.error_message();
    EXPECT_EQ(answered.body, sent);
  }
}

TEST(Server, FinishesAnswersOfOtherThreads) {
  std::vector<std::thread> threads;
  std::mutex mutex;
  auto server = StartServer(
      {{"/test.Echo/Later", UnaryFunction([&](Call call, std::function<void(Answer)> done) {
          std::lock_guard lock(mutex);
          threads.emplace_back(
              [call = std::move(call), done = std::move(done)] { Echo(call, done); });
        })}});
  auto channel = ChannelTo(*server);
  for (int i = 0; i < 50; ++i) {
    const std::string sent = std::to_string(i);
    EXPECT_EQ(CallUnary(channel, "/test.Echo/Later", sent).body, sent);
  }
  // The last answer may be here before its thread is in the list.
  std::lock_guard lock(mutex);
  for (std::thread& thread : threads) thread.join();
}

TEST(Server, HandsOverWhatCameWithTheCall) {
  Call seen;
  auto server = StartServer(
      {{"/test.Echo/Look", UnaryFunction([&](Call call, std::function<void(Answer)> done) {
          seen = std::move(call);
          done({});
        })}});
  const record::SystemClock clock;
  const int64_t before = clock.Boottime();
  ASSERT_TRUE(CallUnary(ChannelTo(*server), "/test.Echo/Look", "x", {{"crm-tenant", "acme"}},
                        std::chrono::seconds(20))
                  .status.ok());
  EXPECT_EQ(seen.path, "/test.Echo/Look");
  EXPECT_TRUE(seen.loopback);
  EXPECT_GT(seen.deadline, before + 10'000'000);
  EXPECT_LT(seen.deadline, before + 21'000'000);
  bool found = false;
  for (const auto& [key, value] : seen.metadata) found |= key == "crm-tenant" && value == "acme";
  EXPECT_TRUE(found);
}

TEST(Server, SendsTheWholeStatus) {
  auto server =
      StartServer({{"/test.Echo/Refuse",
                    UnaryFunction([](const Call&, const std::function<void(Answer)>& done) {
                      Answer answer;
                      answer.status = record::ResourceExhausted("QUEUE_FULL", "Try later.", 250);
                      done(std::move(answer));
                    })}});
  const Answered answered = CallUnary(ChannelTo(*server), "/test.Echo/Refuse", "");
  EXPECT_EQ(answered.status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(answered.status.error_message(), "Try later.");
  record::Status status;
  ASSERT_TRUE(status.ParseFromString(answered.status.error_details()));
  EXPECT_EQ(record::ReasonOf(status), "QUEUE_FULL");
}

TEST(Server, CutsDetailsThatNoClientAccepts) {
  auto server = StartServer(
      {{"/test.Echo/Refuse",
        UnaryFunction([](const Call&, const std::function<void(Answer)>& done) {
          std::vector<record::Violation> violations;
          for (int i = 0; i < 1000; ++i) {
            violations.push_back({"requests[" + std::to_string(i) + "].lead.subject",
                                  "REQUIRED_FIELD", "A subject is needed."});
          }
          Answer answer;
          answer.status = record::InvalidArgument(violations);
          answer.trailing = {{"crm-bad", "line\nbreak"}, {"crm-long", std::string(100'000, 'x')}};
          done(std::move(answer));
        })}});
  const Answered answered = CallUnary(ChannelTo(*server), "/test.Echo/Refuse", "");
  EXPECT_EQ(answered.status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  record::Status status;
  ASSERT_TRUE(status.ParseFromString(answered.status.error_details()));
  EXPECT_EQ(record::ReasonOf(status), "REQUIRED_FIELD");
  google::rpc::BadRequest bad;
  for (const auto& detail : status.details()) detail.UnpackTo(&bad);
  EXPECT_GT(bad.field_violations_size(), 5);
  EXPECT_LT(bad.field_violations_size(), 1000);
}

TEST(Server, RefusesUnknownMethods) {
  std::atomic<int> unknown{0};
  auto server = StartServer({EchoEndpoint()}, {}, [&](const CallReport& report) {
    if (report.endpoint == -1 && report.code == record::kUnimplemented) ++unknown;
  });
  const Answered answered = CallUnary(ChannelTo(*server), "/test.Echo/Nothing", "x");
  EXPECT_EQ(answered.status.error_code(), grpc::StatusCode::UNIMPLEMENTED);
  EXPECT_EQ(unknown, 1);
}

TEST(Server, RefusesOversizeMessagesAndLivesOn) {
  ServerOptions options;
  options.max_message_bytes = 64 << 10;
  auto server = StartServer({EchoEndpoint()}, options);
  auto channel = ChannelTo(*server);
  const Answered refused = CallUnary(channel, "/test.Echo/Echo", std::string(100 << 10, 'x'));
  EXPECT_EQ(refused.status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED)
      << refused.status.error_message();
  EXPECT_EQ(CallUnary(channel, "/test.Echo/Echo", "still here").body, "still here");
}

TEST(Server, RefusesACallWithoutAMessage) {
  auto server = StartServer({EchoEndpoint()});
  Talk talk(ChannelTo(*server), "/test.Echo/Echo");
  talk.SendNoMore();
  EXPECT_EQ(talk.Finish().status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

TEST(Server, ReportsAPortThatIsTaken) {
  auto server = StartServer({EchoEndpoint()});
  const record::SystemClock clock;
  ServerOptions options;
  options.address = "127.0.0.1:" + std::to_string(server->port());
  auto second = Server::Start(options, {EchoEndpoint()}, nullptr, clock);
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().text, testing::HasSubstr(options.address));
}

TEST(Server, KnowsLoopbackAddresses) {
  EXPECT_TRUE(IsLoopback("127.0.0.1:7400"));
  EXPECT_TRUE(IsLoopback("localhost:7400"));
  EXPECT_TRUE(IsLoopback("[::1]:7400"));
  EXPECT_FALSE(IsLoopback("0.0.0.0:7400"));
  EXPECT_FALSE(IsLoopback("[::]:7400"));
  EXPECT_FALSE(IsLoopback("192.168.1.2:7400"));
}

}  // namespace
}  // namespace crm::rpc
