#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "libs/log/kafka_group.h"
#include "libs/log/kafka_owners.h"
#include "libs/record/clock.h"
#include "libs/rpc/owners.h"
#include "libs/runtime/settings.h"
#include "libs/runtime/shard_thread.h"

namespace crm::runtime {

// One service's part in its consumer group on Kafka: what is assigned to this process is claimed
// and served by its shards, what is taken away is handed over first, and everybody is told who owns
// what. Shards that are assigned to others follow them as hot standbys.
class Membership {
 public:
  struct Options {
    std::string service;
    std::string address;  // of this process, for the others
    int standbys = 0;     // how many processes follow a partition
    log::KafkaGroupOptions group;
    log::KafkaOwners::Options owners;
    // The brokers are known not to answer: nothing is waited for that hangs on them.
    std::function<bool()> silent;
  };

  // `shards`: by partition, not started yet. All must outlive the membership.
  static record::Result<std::unique_ptr<Membership>> Join(
      Options options, std::vector<std::pair<shard::Shard*, ShardThread*>> shards,
      rpc::Owners& owners, const record::Clock& clock);
  ~Membership();

  // Hands everything over and leaves the group; calls are passed on from then on. Waits a moment
  // until others are known to own what this process did. Without the brokers that is not to be had.
  void Leave();

  bool joined() const { return group_ && group_->joined(); }
  bool assigned(int partition) const { return seats_[static_cast<size_t>(partition)]->assigned; }
  bool follows(int partition) const { return seats_[static_cast<size_t>(partition)]->follows; }
  // Why this process can own nothing; empty: it can.
  std::string trouble() const;

 private:
  // One partition.
  struct Seat {
    shard::Shard* shard = nullptr;
    ShardThread* thread = nullptr;
    std::atomic<bool> assigned{false};
    std::atomic<bool> follows{true};
    std::atomic<uint64_t> claim{0};  // under which it is owned here; 0: it is not
  };
  Membership(Options options, rpc::Owners& owners, const record::Clock& clock)
      : options_(std::move(options)), owners_(owners), clock_(clock) {}
  record::Result<record::Done> Start();
  bool HasSuccessor(int partition) const;
  void Assigned(const std::vector<int>& partitions);
  void Revoked(const std::vector<int>& partitions);
  void Confirmed();
  bool WantsConfirmation() const;
  void Owning(int partition, uint64_t claim);
  void Read(const log::KafkaOwners::Entry& entry);
  void FollowThoseOf(const std::vector<std::string>& members);
  ShardThread::Part PartOf(const Seat& seat) const;

  const Options options_;
  rpc::Owners& owners_;
  const record::Clock& clock_;
  std::vector<std::unique_ptr<Seat>> seats_;
  std::unique_ptr<log::KafkaOwners> topic_;
  std::unique_ptr<log::KafkaGroup> group_;
};

}  // namespace crm::runtime
