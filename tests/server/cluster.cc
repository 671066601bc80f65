#include "tests/server/cluster.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>
#include <set>

#include "libs/log/kafka.h"
#include "libs/log/placement.h"
#include "libs/record/clock.h"
#include "tests/server/records.h"

namespace crm::test {
namespace {

using Time = std::chrono::steady_clock;
constexpr auto kDeadline = std::chrono::seconds(60);

std::string NewPrefix() {
  static std::atomic<int> count{0};
  return "c" + std::to_string(getpid()) + "-" + std::to_string(++count);
}

Answer<record::v1::VerifyResponse> VerifyAt(const Client& client, const std::string& position) {
  record::v1::VerifyRequest request;
  request.set_min_position(position);
  return client.Within(std::chrono::seconds(10))
      .Call<record::v1::VerifyResponse>("/crm.record.v1.Verification/Verify", request);
}

// What the instance answers in the end.
Answer<record::v1::VerifyResponse> VerifyInTheEnd(const Client& client,
                                                  const std::string& position) {
  const auto end = Time::now() + kDeadline;
  while (true) {
    auto answer = VerifyAt(client, position);
    if (!MayBeTriedAgain(answer) || Time::now() > end) return answer;
  }
}

// Records of the log's own may come in between, and change nothing.
record::v1::VerifyResponse WithoutPosition(record::v1::VerifyResponse response) {
  response.clear_position();
  return response;
}

}  // namespace

bool MayBeTriedAgain(const Outcome& outcome) {
  return outcome.code == grpc::StatusCode::UNAVAILABLE ||
         outcome.code == grpc::StatusCode::DEADLINE_EXCEEDED ||
         outcome.code == grpc::StatusCode::CANCELLED;
}

const std::vector<std::string>& Cluster::Tenants() {
  // Of four partitions each has one of them.
  static const std::vector<std::string> tenants = {"acme", "globex", "initech", "hooli"};
  return tenants;
}

Cluster::Cluster(int instances, std::vector<std::string> flags)
    : Cluster(Options{instances, std::move(flags), nullptr, 0, {}}) {}

Cluster::Cluster(Options options)
    : kafka_(options.kafka != nullptr ? *options.kafka : Kafka::Shared()), prefix_(NewPrefix()) {
  std::set<int> used;
  for (const std::string& tenant : Tenants()) used.insert(log::PartitionOf(tenant, kPartitions));
  EXPECT_EQ(used.size(), size_t{kPartitions}) << "a partition has no tenant";
  std::vector<std::string> all = {"--log=kafka", "--kafka-prefix=" + prefix_,
                                  "--kafka-replication=" + std::to_string(Replicas()),
                                  "--partitions=" + std::to_string(kPartitions),
                                  "--token-key=the same for all of them"};
  // With fewer brokers no topic is safe.
  if (Replicas() < 3) all.push_back("--kafka-allow-unsafe");
  for (int i = 0; i < options.instances; ++i) {
    std::vector<std::string> own = all;
    own.push_back("--kafka-brokers=" +
                  (i < options.behind_proxy ? kafka_.proxied_bootstrap() : kafka_.bootstrap()));
    if (static_cast<size_t>(i) < options.services.size())
      own.push_back("--services=" + options.services[static_cast<size_t>(i)]);
    own.insert(own.end(), options.flags.begin(), options.flags.end());
    servers_.push_back(std::make_unique<Server>(std::move(own)));
  }
  AwaitShares();
}

// A process is ready before it is given its share, which moves partitions once more.
void Cluster::AwaitShares() const {
  const auto end = Time::now() + kDeadline;
  while (!HaveShares()) {
    if (Time::now() < end) continue;
    ADD_FAILURE() << "the partitions are not shared" << Describe();
    return;
  }
}

bool Cluster::HaveShares() const {
  std::map<std::string, std::vector<int>> owned;  // by service: how many each instance owns
  for (const auto& server : servers_) {
    const std::string page = server->Http("/readyz");
    const auto json =
        nlohmann::json::parse(page.substr(std::min(page.find('{'), page.size())), nullptr, false);
    if (!json.is_object()) return false;
    std::map<std::string, int> own;
    for (const auto& shard : json["shards"]) own[shard["service"]] += shard.value("owning", false);
    for (const auto& [service, count] : own) owned[service].push_back(count);
  }
  return std::all_of(owned.begin(), owned.end(), [](const auto& service) {
    const auto& counts = service.second;
    const auto share = kPartitions / static_cast<int>(counts.size());
    return std::accumulate(counts.begin(), counts.end(), 0) == kPartitions &&
           *std::min_element(counts.begin(), counts.end()) >= share;
  });
}

int Cluster::Replicas() const { return std::min(3, static_cast<int>(kafka_.size())); }

size_t Cluster::OwnerOf(const std::string& tenant) {
  const auto end = Time::now() + kDeadline;
  while (Time::now() < end) {
    for (size_t i = 0; i < servers_.size(); ++i) {
      if (!servers_[i]->IsRunning()) continue;
      // Marked as passed on already, so that it goes no further.
      const Client client = Client(*servers_[i], tenant).With({{"crm-forwarded", "test"}});
      if (VerifyAt(client, "").ok()) return i;
    }
  }
  ADD_FAILURE() << "nobody owns the partition of " << tenant;
  return 0;
}

std::unique_ptr<log::Log> Cluster::OpenLog() const {
  log::KafkaOptions options;
  options.brokers = kafka_.bootstrap();
  options.topic = events();
  options.partitions = kPartitions;
  options.replicas = Replicas();
  options.allow_unsafe = Replicas() < 3;
  auto log = log::OpenKafka(options);
  EXPECT_TRUE(log) << (log ? "" : log.error().text);
  return log ? std::move(log).value() : nullptr;
}

log::Follower::Counts Replay(log::Log& log, int partition, log::Projection* projection) {
  constexpr size_t kReadBytes = 4 << 20;
  const record::SystemClock clock;
  log::Follower follower(log, partition, *projection, clock, kReadBytes, {});
  EXPECT_EQ(follower.CheckStart(), log::Follower::Found::kSome) << follower.trouble();
  int64_t end = 0;
  while (follower.AskEnd(&end) == log::Follower::Found::kSome && follower.state().next < end) {
    follower.Read();
    follower.Apply();
  }
  EXPECT_EQ(follower.trouble(), "");
  return follower.counts();
}

std::string Cluster::Describe() const {
  std::string all;
  for (const auto& server : servers_) {
    const std::string page = server->Http("/readyz");
    all += "\n" + page.substr(page.find("\r\n\r\n") + 4) + server->Output();
  }
  return all;
}

void Cluster::ExpectEqual(const std::vector<std::string>& tenants) {
  for (const std::string& tenant : tenants) {
    const auto owner = VerifyInTheEnd(Client(*servers_[0], tenant), "");
    ASSERT_TRUE(owner.ok()) << tenant << ": " << owner;
    for (size_t i = 0; i < servers_.size(); ++i) {
      const Client standby = Client(*servers_[i], tenant)
                                 .With({{"crm-max-staleness", "60m"}, {"crm-forwarded", "test"}});
      const auto own = VerifyInTheEnd(standby, owner.body.position());
      ASSERT_TRUE(own.ok()) << "instance " << i << " for " << tenant << ": " << own;
      EXPECT_TRUE(Equal(WithoutPosition(own.body), WithoutPosition(owner.body)))
          << "instance " << i << " differs for " << tenant;
    }
  }
}

}  // namespace crm::test
