#include "libs/rpc/server/server.h"

#include <gmock/gmock.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "google/rpc/error_details.pb.h"
#include "libs/rpc/server/health.h"
#include "libs/rpc/server/serving_test.h"

namespace crm::rpc {
namespace {

using testing::Contains;
using testing::Pair;

// Answers with what it was sent, at once.
void Echo(Call call, const std::function<void(Answer)>& done) {
  Answer answer;
  answer.body = std::move(call.request);
  answer.initial = {{"crm-position", "sales-0-7"}};
  answer.trailing = {{"crm-events", call.path}};
  done(std::move(answer));
}

Endpoint EchoEndpoint() { return {"/test.Echo/Echo", UnaryFunction(Echo)}; }

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

// What the streams of one test did.
struct Counted {
  std::mutex mutex;
  std::condition_variable changed;
  int pulled = 0;
  bool ended = false;
};

// Counts up for ever, or until it is cancelled; after `pause` numbers it waits.
class Numbers final : public Stream {
 public:
  Numbers(Counted& counted, int pause) : counted_(counted), pause_(pause) {}
  void Next(std::function<void(Item)> done) override {
    std::unique_lock lock(counted_.mutex);
    ++counted_.pulled;
    counted_.changed.notify_all();
    if (cancelled_) return End(&lock, done);
    if (sent_ == pause_) {
      waiting_ = std::move(done);
      return;
    }
    Item item;
    item.message = std::to_string(sent_++) + std::string(10'000, ' ');
    lock.unlock();
    done(std::move(item));
  }
  void Cancel() override {
    std::unique_lock lock(counted_.mutex);
    cancelled_ = true;
    if (auto done = std::exchange(waiting_, nullptr)) End(&lock, done);
  }

 private:
  void End(std::unique_lock<std::mutex>* lock, const std::function<void(Item)>& done) {
    counted_.ended = true;
    counted_.changed.notify_all();
    Item item;
    item.end = true;
    item.trailing = {{"crm-position", "sales-0-" + std::to_string(sent_)}};
    lock->unlock();
    done(std::move(item));
  }

  Counted& counted_;
  const int pause_;
  int sent_ = 0;
  bool cancelled_ = false;
  std::function<void(Item)> waiting_;
};

Endpoint NumbersEndpoint(Counted& counted, int pause) {
  return {"/test.Echo/Count", StreamFunction([&counted, pause](const Call&) {
            return std::make_shared<Numbers>(counted, pause);
          })};
}

void AwaitEnd(Counted& counted) {
  std::unique_lock lock(counted.mutex);
  EXPECT_TRUE(
      counted.changed.wait_for(lock, std::chrono::seconds(20), [&] { return counted.ended; }));
}

TEST(Streams, EndWhenTheClientIsGone) {
  Counted counted;
  auto server = StartServer({NumbersEndpoint(counted, 3)});
  Talk talk(ChannelTo(*server), "/test.Echo/Count");
  talk.Send("");
  std::string message;
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(talk.Receive(&message));
    EXPECT_EQ(std::stoi(message), i);
  }
  talk.Cancel();
  AwaitEnd(counted);
}

TEST(Streams, AreNotPulledFasterThanTheClientReads) {
  Counted counted;
  auto server = StartServer({NumbersEndpoint(counted, 1'000'000)});
  Talk talk(ChannelTo(*server), "/test.Echo/Count");
  talk.Send("");
  std::string message;
  ASSERT_TRUE(talk.Receive(&message));
  // The window and the buffers below fill up, and then nothing is pulled any more.
  std::unique_lock lock(counted.mutex);
  int before = -1;
  while (before != counted.pulled) {
    before = counted.pulled;
    counted.changed.wait_for(lock, std::chrono::milliseconds(500),
                             [&] { return counted.pulled > before + 100; });
  }
  EXPECT_LT(counted.pulled, 20'000);
  lock.unlock();
  talk.Cancel();
  AwaitEnd(counted);
}

TEST(Streams, EndWithAResumePositionWhenTheServerDrains) {
  Counted counted;
  auto server = StartServer({NumbersEndpoint(counted, 2)});
  Talk talk(ChannelTo(*server), "/test.Echo/Count");
  talk.Send("");
  std::string message;
  ASSERT_TRUE(talk.Receive(&message));
  ASSERT_TRUE(talk.Receive(&message));
  std::thread draining([&] { server->Drain(std::chrono::seconds(20)); });
  EXPECT_FALSE(talk.Receive(&message));
  const Answered answered = talk.Finish();
  draining.join();
  EXPECT_TRUE(answered.status.ok()) << answered.status.error_message();
  EXPECT_THAT(answered.trailing, Contains(Pair("crm-position", "sales-0-2")));
}

// The order that a process stops in: its health changes, clients that look at it move on, and only
// then are connections closed. gRPC cancels what arrives while it closes them.
TEST(Drain, FailsNoCallUnderLoad) {
  Health leaving_health({});
  Health staying_health({});
  std::atomic<int> left_behind{0};
  auto serve = [](Health& health, Observer observer) {
    auto endpoints = health.Endpoints();
    endpoints.push_back(EchoEndpoint());
    health.SetReady(true);
    return StartServer(std::move(endpoints), {}, std::move(observer));
  };
  auto leaving = serve(leaving_health, [&](const CallReport&) { ++left_behind; });
  auto staying = serve(staying_health, nullptr);
  const std::string target = "ipv4:127.0.0.1:" + std::to_string(leaving->port()) +
                             ",127.0.0.1:" + std::to_string(staying->port());
  std::atomic<bool> stop{false};
  std::atomic<int> calls{0};
  std::atomic<int> failed{0};
  std::vector<std::thread> clients;
  for (int i = 0; i < 4; ++i) {
    clients.emplace_back([&] {
      auto channel = HealthCheckingChannelTo(target);
      while (!stop) {
        failed += CallUnary(channel, "/test.Echo/Echo", "x").body != "x";
        ++calls;
      }
    });
  }
  auto await = [&](int count) {
    const int from = calls;
    while (calls < from + count) std::this_thread::yield();
  };
  while (left_behind < 100) await(50);
  leaving_health.SetReady(false);
  for (int before = -1; before != left_behind;) {
    before = left_behind;
    await(500);
  }
  leaving->Drain(std::chrono::seconds(20));
  await(500);
  stop = true;
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(failed, 0);
}

TEST(Drain, LetsCallsInFlightFinish) {
  std::mutex mutex;
  std::condition_variable arrived;
  std::function<void(Answer)> waiting;
  auto server = StartServer(
      {{"/test.Echo/Wait", UnaryFunction([&](const Call&, std::function<void(Answer)> done) {
          std::lock_guard lock(mutex);
          waiting = std::move(done);
          arrived.notify_all();
        })}});
  std::thread draining;
  std::thread answering([&] {
    std::unique_lock lock(mutex);
    arrived.wait(lock, [&] { return waiting != nullptr; });
    draining = std::thread([&] { server->Drain(std::chrono::seconds(20)); });
    Answer answer;
    answer.body = "after all";
    waiting(std::move(answer));
  });
  EXPECT_EQ(CallUnary(ChannelTo(*server), "/test.Echo/Wait", "").body, "after all");
  answering.join();
  draining.join();
}

}  // namespace
}  // namespace crm::rpc
