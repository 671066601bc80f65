#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "libs/log/log.h"
#include "libs/record/catalogue.h"
#include "libs/runtime/json_log.h"
#include "libs/store/snapshot_place.h"
#include "libs/store/snapshots.h"
#include "libs/store/store.h"

namespace crm::runtime {

// Takes snapshots of all shards every now and then, and when it is told to, on a thread of its own;
// and gives a shard without projections its newest one back.
class SnapshotTaker {
 public:
  // `taker`: this process's name, if others take snapshots in the same place. `every_s`: 0: only
  // when told to. `keep`: so many of a shard.
  SnapshotTaker(std::unique_ptr<store::SnapshotPlace> place, std::string taker, int64_t every_s,
                size_t keep, JsonLog& log);
  ~SnapshotTaker();

  // Before the shard's store is opened.
  void Restore(const std::string& service, int partition, const store::StoreOptions& options,
               const record::Catalogue& catalogue, log::Log& log);
  // The store must stay until Stop().
  void Add(const std::string& service, int partition, const store::Store& store);

  void Start();
  void TakeNow();
  // Waits for one that is under way, which a bucket gives up.
  void Stop();

 private:
  struct Shard {
    std::string service;
    int partition;
    const store::Store* store;
    std::unique_ptr<store::Snapshots> snapshots;
  };
  void Run();
  void TakeAll();

  const std::unique_ptr<store::SnapshotPlace> place_;
  const std::string taker_;
  const int64_t every_s_;
  const size_t keep_;
  JsonLog& log_;
  std::vector<Shard> shards_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  bool wanted_ = false;
  std::thread thread_;
};

}  // namespace crm::runtime
