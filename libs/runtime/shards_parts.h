#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "libs/runtime/membership.h"
#include "libs/runtime/shards.h"

// What shards.cc and shard_states.cc share.
namespace crm::runtime {

// In the order in which they depend on each other: the thread goes first.
struct Shards::Unit {
  std::unique_ptr<store::Store> store;
  record::SystemRandom random;
  std::unique_ptr<ShardThread> thread;
  std::unique_ptr<shard::Shard> shard;
};

struct Shards::Service {
  std::string name;
  shard::Behaviours behaviours;
  std::vector<store::Followed> followed;
  log::Log* log = nullptr;
  std::vector<std::unique_ptr<Unit>> units;  // by partition
  std::unique_ptr<Membership> membership;    // on Kafka
  // Its log is being asked whether it answers.
  std::shared_ptr<std::atomic<bool>> asked = std::make_shared<std::atomic<bool>>(false);
};

}  // namespace crm::runtime
