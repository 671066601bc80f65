#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "tests/kafka/replace_topic.h"
#include "tests/server/kafka.h"
#include "tests/server/sales_records.h"
#include "tests/server/server.h"

// What a process that can not go on tells its operators and their probes.
namespace crm::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr auto kDeadline = std::chrono::seconds(120);
constexpr auto kSoon = std::chrono::milliseconds(3'000);

std::vector<std::string> OnKafka(const Kafka& kafka, const std::string& prefix) {
  return {"--log=kafka",           "--kafka-brokers=" + kafka.bootstrap(),
          "--kafka-replication=1", "--kafka-allow-unsafe",
          "--partitions=1",        "--kafka-prefix=" + prefix};
}

bool Await(const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + kDeadline;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
  }
  return true;
}

// Lines of its log with this text, whole.
std::vector<nlohmann::json> LinesWith(const Server& server, const std::string& msg) {
  std::vector<nlohmann::json> lines;
  std::istringstream output(server.Output());
  for (std::string line; std::getline(output, line);) {
    const auto json = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (json.is_object() && json.value("msg", "").find(msg) != std::string::npos)
      lines.push_back(json);
  }
  return lines;
}

// It would stay out for ever: whoever supervises it is to start it again.
TEST(Trouble, WhoseNameAnotherHasTakenSaysSoAndEnds) {
  const auto flags = [](const std::string& more) {
    auto all = OnKafka(Kafka::Shared(), "named");
    all.insert(all.end(), {"--instance=the-same", more});
    return all;
  };
  // So long it tells its probes why.
  Server first(flags("--drain-delay-ms=10000"));
  const Client before(first, "acme");
  const Lead lead = Made(before, FullLead(1));
  const Server second(flags("--drain-delay-ms=0"));
  std::string told;
  EXPECT_TRUE(Await([&] {
    if (const std::string now = first.Http("/readyz"); now.find("trouble") != std::string::npos)
      told = now;
    return !first.IsRunning();
  }));
  EXPECT_THAT(told, AllOf(HasSubstr(" 503 "), HasSubstr("--instance, the-same")));
  EXPECT_EQ(first.Stop(), 1);
  const auto lines = LinesWith(first, "can not go on");
  ASSERT_EQ(lines.size(), 1u) << first.Output();
  EXPECT_THAT(lines[0].value("error", ""), HasSubstr("the same --instance, the-same"));
  EXPECT_TRUE(Await([&] { return second.Http("/readyz").find(" 200 ") != std::string::npos; }));
  EXPECT_EQ(Get<Lead>(Client(second, "acme"), lead.name()).body.last_name(), lead.last_name());
}

// It keeps its partition, which nobody can serve, and is out of every balancer until somebody
// looks.
TEST(Trouble, OfALogThatIsAnotherNowMakesAProcessUnready) {
  const Server server(OnKafka(Kafka::Shared(), "gone"));
  Made(Client(server, "acme"), FullLead(1));
  EXPECT_THAT(server.Http("/metrics"),
              HasSubstr("crm_shard_stopped{service=\"sales\",partition=\"0\"} 0"));
  ASSERT_TRUE(ReplaceTopic(Kafka::Shared().bootstrap(), "gone.sales.events"));
  std::string told;
  ASSERT_TRUE(Await([&] {
    told = server.Http("/readyz");
    return told.find("sales/0 has stopped: ") != std::string::npos;
  })) << server.Output();
  EXPECT_THAT(told, HasSubstr(" 503 "));
  EXPECT_THAT(server.Http("/healthz"), HasSubstr(" 200 "));
  EXPECT_THAT(server.Http("/metrics"),
              HasSubstr("crm_shard_stopped{service=\"sales\",partition=\"0\"} 1"));
  EXPECT_TRUE(Await([&] { return !LinesWith(server, "a shard has stopped").empty(); }));
  EXPECT_EQ(Create(Client(server, "acme"), FullLead(2)).code, 14);  // UNAVAILABLE
}

// Once for each thing that is to be said, and not by each client of the process.
TEST(Trouble, WithABrokerThatIsDownIsToldOnceAndWithItsReason) {
  Kafka kafka;
  const Server server(OnKafka(kafka, "down"));
  Made(Client(server, "acme"), FullLead(1));
  kafka.Kill();
  // Whoever writes finds out.
  Create(Client(server, "acme"), FullLead(2));
  ASSERT_TRUE(Await([&] { return !LinesWith(server, "not ready").empty(); })) << server.Output();
  EXPECT_NE(LinesWith(server, "not ready")[0].value("reason", ""), "") << server.Output();
  EXPECT_THAT(server.Http("/readyz"), AllOf(HasSubstr(" 503 "), HasSubstr("\"reason\":")));
  // By the second, so that a line that comes back after a while is none of them.
  std::set<std::string> said;
  for (const auto& line : LinesWith(server, ": Connect to ")) {
    const std::string msg = line.value("msg", "");
    const size_t from = msg.rfind(": ", msg.find(": Connect to ") - 1) + 2;
    const std::string what = msg.substr(from, msg.find(" (after") - from);
    EXPECT_TRUE(said.insert(line.value("ts", "").substr(0, 19) + what).second) << line;
  }
  EXPECT_FALSE(said.empty()) << server.Output();
}

// How long it takes to stop, while nobody answers it. Without losing what it had answered.
std::chrono::milliseconds TimeToStop(Kafka& kafka, Server& server, int signal) {
  const Lead lead = Made(Client(server, "acme"), FullLead(1));
  if (signal == SIGKILL) {
    kafka.Kill();
  } else {
    kafka.Signal(signal);
  }
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(server.Stop(), 0) << server.Output();
  const auto took = std::chrono::steady_clock::now() - begin;
  if (signal == SIGKILL) {
    kafka.Start();
  } else {
    kafka.Signal(SIGCONT);
  }
  server.Start();
  EXPECT_EQ(Get<Lead>(Client(server, "acme"), lead.name()).body.last_name(), lead.last_name());
  return std::chrono::duration_cast<std::chrono::milliseconds>(took);
}

// One that was killed refuses connections, one that stands still keeps them open.
TEST(Trouble, WithABrokerThatDoesNotAnswerEndsSoonWhenItIsToStop) {
  Kafka kafka;
  Server server(OnKafka(kafka, "soon"));
  for (const int signal : {SIGKILL, SIGSTOP}) {
    // The best of some: other work on the machine may hold any of them up.
    std::chrono::milliseconds best = std::chrono::hours(1);
    for (int i = 0; i < 3 && best > kSoon; ++i)
      best = std::min(best, TimeToStop(kafka, server, signal));
    EXPECT_LE(best, kSoon) << signal;
  }
}

TEST(Trouble, OfSnapshotsWithoutAFolderIsToldWithTheFlag) {
  const Server server({"--log=embedded"});
  EXPECT_THAT(server.Http("/snapshot", "POST"),
              AllOf(HasSubstr(" 409 "), HasSubstr("--snapshot-to")));
  EXPECT_THAT(server.Http("/snapshot"), AllOf(HasSubstr(" 405 "), HasSubstr("POST")));
}

}  // namespace
}  // namespace crm::test
