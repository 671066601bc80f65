#include <gtest/gtest.h>

#include <cstdlib>
#include <random>
#include <thread>

#include "tests/crash/worker.h"

namespace crm::test {
namespace {

constexpr int kTenants = 3;
constexpr int kWorkers = 9;
constexpr int kFewest = 20;
constexpr int kMost = 400;
constexpr int kRebuildEvery = 3;

int Rounds() {
  const char* text = std::getenv("CRM_CRASH_ROUNDS");
  return text == nullptr ? 12 : std::atoi(text);
}

class Crash : public testing::Test {
 protected:
  Crash() {
    for (int i = 0; i < kWorkers; ++i)
      workers_.push_back(std::make_unique<Worker>("crash-" + std::to_string(i % kTenants), i + 1));
  }

  // All workers at once, until the server dies after some more commands.
  void WorkUntilKilled(int commands) {
    Progress progress;
    std::vector<std::thread> threads;
    for (auto& worker : workers_) threads.emplace_back([&] { worker->Work(server_, &progress); });
    progress.Await(commands, kWorkers);
    server_.Kill();
    for (std::thread& thread : threads) thread.join();
    EXPECT_GE(progress.confirmed(), commands);
    confirmed_ += progress.confirmed();
  }

  void CheckWorkers() {
    std::map<std::string, int> leads;
    for (auto& worker : workers_) {
      interrupted_ += worker->interrupted() ? 1 : 0;
      worker->Check(server_);
      leads[worker->tenant()] += worker->alive_leads();
    }
    // Nothing is there that nobody knows of.
    for (const auto& [tenant, count] : leads)
      EXPECT_EQ(Count<Lead>(Client(server_, tenant)), count) << tenant;
  }

  std::map<std::string, std::map<std::string, std::string>> Hashes() {
    std::map<std::string, std::map<std::string, std::string>> hashes;
    for (const auto& worker : workers_)
      hashes[worker->tenant()] = Verify(Client(server_, worker->tenant()));
    return hashes;
  }

  Server server_;
  std::vector<std::unique_ptr<Worker>> workers_;
  int confirmed_ = 0;
  int interrupted_ = 0;
};

TEST_F(Crash, KeepsWhatItConfirmedAndNothingByHalves) {
  std::mt19937 random(1);
  for (int round = 1; round <= Rounds() && !HasFailure(); ++round) {
    SCOPED_TRACE("round " + std::to_string(round));
    WorkUntilKilled(kFewest + static_cast<int>(random() % (kMost - kFewest)));
    server_.Start();
    CheckWorkers();
    if (round % kRebuildEvery != 0) continue;
    const auto hashes = Hashes();
    server_.Kill();
    server_.DeleteProjections();
    server_.Start();
    EXPECT_EQ(Hashes(), hashes);
    CheckWorkers();
  }
  EXPECT_GT(interrupted_, 0) << "no command was under way when the server died";
  int acted = 0;
  for (const auto& worker : workers_) acted += worker->acted();
  std::cout << confirmed_ << " commands confirmed, " << interrupted_ << " interrupted, of which "
            << acted << " had acted\n";
}

}  // namespace
}  // namespace crm::test
