#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <iostream>
#include <thread>

#include "tests/server/cluster.h"
#include "tests/server/records.h"

// How long nobody serves a partition whose owner goes, as a client of the other instance sees it.
namespace crm::test {
namespace {

using Time = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr char kTenant[] = "acme";
constexpr int64_t kSessionMs = 6'000;

int64_t Since(Time::time_point begin) {
  return std::chrono::duration_cast<milliseconds>(Time::now() - begin).count();
}

// Until a command succeeds.
Outcome CreateInTheEnd(const Client& client, const std::string& request_id) {
  auto request = RequestFor<sales::v1::CreateLeadRequest>(NewLead("Popescu"));
  request.set_request_id(request_id);
  Lead lead;
  Outcome outcome;
  const auto end = Time::now() + std::chrono::seconds(60);
  do {
    outcome =
        client.Within(std::chrono::seconds(20)).CallInto(OneOf<Lead>("Create"), request, &lead);
  } while (MayBeTriedAgain(outcome) && Time::now() < end);
  return outcome;
}

void Fill(const Client& client, int leads) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 16; ++t) {
    threads.emplace_back([&, t] {
      for (int i = t; i < leads; i += 16) EXPECT_TRUE(Create(client, FullLead(i)).ok());
    });
  }
  for (std::thread& thread : threads) thread.join();
}

void MeasureTakeOver(const char* title, std::vector<std::string> flags, int leads) {
  Cluster cluster(2, std::move(flags));
  const size_t owner = cluster.OwnerOf(kTenant);
  const Client survivor(cluster[1 - owner], kTenant);
  Fill(survivor, leads);
  const auto begin = Time::now();
  cluster[owner].Kill();
  const Outcome outcome = CreateInTheEnd(survivor, "after");
  ASSERT_TRUE(outcome.ok()) << outcome;
  const int64_t took = Since(begin);
  std::cout << "take-over after SIGKILL, " << title << ", " << leads << " records: " << took
            << " ms, without the session's " << kSessionMs << ": " << took - kSessionMs << " ms"
            << std::endl;
  EXPECT_LT(took, 30'000);
}

TEST(TakeOver, WithAStandby) { MeasureTakeOver("with a standby", {}, 2'000); }

TEST(TakeOver, WithoutAStandby) { MeasureTakeOver("without a standby", {"--standbys=0"}, 2'000); }

TEST(TakeOver, AHandOverFailsNoCall) {
  Cluster cluster(2);
  const size_t owner = cluster.OwnerOf(kTenant);
  const Client survivor(cluster[1 - owner], kTenant);
  ASSERT_TRUE(CreateInTheEnd(survivor, "before").ok());
  std::atomic<bool> stopped{false};
  std::atomic<int> failed{0};
  std::atomic<int> succeeded{0};
  std::atomic<int64_t> slowest{0};
  std::thread caller([&] {
    int after = 0;
    for (int i = 0; after < 20; ++i) {
      if (stopped) ++after;
      const auto begin = Time::now();
      const auto answer = Create(survivor, NewLead("Popescu"));
      ++(answer.ok() ? succeeded : failed);
      EXPECT_TRUE(answer.ok()) << answer;
      slowest = std::max(slowest.load(), Since(begin));
    }
  });
  while (succeeded < 20 && failed == 0) std::this_thread::yield();
  EXPECT_EQ(cluster[owner].Stop(), 0);
  stopped = true;
  caller.join();
  std::cout << "hand-over on SIGTERM: the slowest call took " << slowest << " ms, " << failed
            << " of " << succeeded + failed << " failed" << std::endl;
  EXPECT_EQ(failed, 0);
  EXPECT_EQ(cluster.OwnerOf(kTenant), 1 - owner);
}

}  // namespace
}  // namespace crm::test
