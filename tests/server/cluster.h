#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "libs/log/follower.h"
#include "libs/log/log.h"
#include "tests/server/client.h"
#include "tests/server/kafka.h"
#include "tests/server/server.h"

namespace crm::test {

// Several `crm` on one real broker.
class Cluster {
 public:
  static constexpr int kPartitions = 4;
  // Each partition has one of them.
  static const std::vector<std::string>& Tenants();

  struct Options {
    int instances = 1;
    std::vector<std::string> flags;
    // One of the test's own, which must stay as long as the cluster; null: the shared one.
    Kafka* kafka = nullptr;
    // The first so many instances reach it through its proxies.
    int behind_proxy = 0;
    // Which services the instances run, of as many as are named here; the others run all.
    std::vector<std::string> services = {};
  };
  // All are ready when it returns, and own their share.
  explicit Cluster(int instances, std::vector<std::string> flags = {});
  explicit Cluster(Options options);

  Kafka& kafka() { return kafka_; }
  size_t size() const { return servers_.size(); }
  Server& operator[](size_t instance) { return *servers_[instance]; }
  // The topic of the sales service's events.
  std::string events() const { return prefix_ + ".sales.events"; }

  // The instance that answers for the tenant by itself, once there is one.
  size_t OwnerOf(const std::string& tenant);
  // The events' topic, for whoever reads it by the log's rules.
  std::unique_ptr<log::Log> OpenLog() const;
  // Every instance has applied everything, and shows the same of each tenant.
  void ExpectEqual(const std::vector<std::string>& tenants);
  // How the instances are, and what they printed, for whoever looks at a test that failed.
  std::string Describe() const;

 private:
  int Replicas() const;
  void AwaitShares() const;
  bool HaveShares() const;

  Kafka& kafka_;
  const std::string prefix_;
  std::vector<std::unique_ptr<Server>> servers_;
};

// Reads on to the end of a partition, as every reader does, and counts what it skips.
log::Follower::Counts Replay(log::Log& log, int partition, log::Projection* projection);

// The outcome of a command or read is not known, or it was not done: another attempt may succeed.
bool MayBeTriedAgain(const Outcome& outcome);

}  // namespace crm::test
