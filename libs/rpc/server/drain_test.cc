#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "libs/rpc/server/health.h"
#include "libs/rpc/server/serving_test.h"

namespace crm::rpc {
namespace {

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
