#include "tests/chaos/chaos.h"

#include <signal.h>

// What fails is a process: of ours, or a broker.
namespace crm::test {
namespace {

using std::chrono::milliseconds;

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

TEST_F(Chaos, TheLeaderOfAPartitionIsKilled) {
  Kafka kafka({3, {}, {}});
  Cluster cluster({2, {}, &kafka, 0});
  Load load(cluster, LoadSettings());
  load.Begin();
  while (MoreTime()) {
    Let(load, milliseconds(500));
    const int partition = static_cast<int>(Dice() % Cluster::kPartitions);
    const size_t leader = kafka.LeaderOf(cluster.events(), partition);
    kafka.Kill(leader);
    // Without it: what was acknowledged is at the others.
    Let(load, milliseconds(4'000));
    kafka.Start(leader);
    kafka.AwaitInSync(cluster.events());
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
