#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <random>

#include "tests/chaos/load.h"

// Several instances under load while something fails again and again. CRM_CHAOS_SECONDS says how
// long each lasts, CRM_CHAOS_SEED what is done when.
namespace crm::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Time = std::chrono::steady_clock;

// Longer than the session, which is 6 s: another owner takes over meanwhile.
constexpr milliseconds kStandStill(8'500);

int64_t FromEnvironment(const char* name, int64_t preset) {
  const char* value = std::getenv(name);
  return value == nullptr ? preset : std::stoll(value);
}

class Chaos : public testing::Test {
 protected:
  Load::Settings LoadSettings() const {
    Load::Settings settings;
    settings.seed = seed_;
    return settings;
  }
  // So long at least, and until the load has got somewhere since.
  void Let(Load& load, milliseconds time) {
    load.Pause(time);
    load.AwaitCommands(load.commands() + 5);
  }
  bool MoreTime() const { return Time::now() < end_; }
  uint64_t Dice() { return random_(); }

  // Ends the load, and looks at what is left.
  static void Conclude(Cluster& cluster, Load& load) {
    load.AwaitCommands(load.commands() + 20);
    load.End();
    cluster.ExpectEqual(Load::Tenants());
    load.ExpectKept();
    const auto figures = load.figures();
    std::cout << figures.commands << " commands, " << figures.attempts << " attempts, "
              << figures.unavailable << " unavailable, slowest " << figures.slowest_us / 1000
              << " ms" << std::endl;
  }

  const uint64_t seed_ = static_cast<uint64_t>(FromEnvironment("CRM_CHAOS_SEED", 1));
  std::mt19937_64 random_{seed_};
  const Time::time_point end_ = Time::now() + seconds(FromEnvironment("CRM_CHAOS_SECONDS", 25));
};

TEST_F(Chaos, OwnersAreKilled) {
  Cluster cluster(2);
  Load load(cluster, LoadSettings());
  load.Begin();
  while (MoreTime()) {
    Let(load, milliseconds(500));
    const size_t victim = Dice() % cluster.size();
    cluster[victim].Kill();
    // Now and then it is back before its session is over, and gets what it had.
    Let(load, milliseconds(Dice() % 2 == 0 ? 200 : 7'000));
    cluster[victim].Start();
  }
  Conclude(cluster, load);
}

TEST_F(Chaos, OwnersStandStill) {
  Cluster cluster(3);
  Load load(cluster, LoadSettings());
  load.Begin();
  while (MoreTime()) {
    Let(load, milliseconds(500));
    const size_t victim = Dice() % cluster.size();
    cluster[victim].Signal(SIGSTOP);
    Let(load, Dice() % 3 == 0 ? milliseconds(3'500) : kStandStill);
    cluster[victim].Signal(SIGCONT);
    Let(load, milliseconds(1'000));
  }
  Conclude(cluster, load);
}

TEST_F(Chaos, TheBrokerIsKilled) {
  Cluster cluster(2);
  Load load(cluster, LoadSettings());
  load.Begin();
  while (MoreTime()) {
    Let(load, milliseconds(1'000));
    cluster.kafka().Kill();
    // Long enough for records to stay unconfirmed, now and then beyond what their owner waits.
    load.Pause(milliseconds(Dice() % 3 == 0 ? 11'000 : 1'000));
    cluster.kafka().Start();
    Let(load, milliseconds(2'000));
  }
  Conclude(cluster, load);
}

// As a deployment that is rolled over and over: none of it may be noticed.
TEST_F(Chaos, MembersComeAndGo) {
  Cluster cluster(3);
  Load load(cluster, LoadSettings());
  load.Begin();
  load.AwaitCommands(20);
  while (MoreTime()) {
    const size_t leaver = Dice() % cluster.size();
    load.SetWanted(leaver, false);
    EXPECT_EQ(cluster[leaver].Stop(), 0);
    Let(load, milliseconds(2'000));
    cluster[leaver].Start();
    load.SetWanted(leaver, true);
    Let(load, milliseconds(2'000));
  }
  Conclude(cluster, load);
  const auto figures = load.figures();
  EXPECT_LE(figures.slowest_us, 3'000'000);
  EXPECT_LE(figures.unavailable * 20, figures.attempts);
}

}  // namespace
}  // namespace crm::test
