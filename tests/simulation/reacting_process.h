#pragma once

#include <memory>
#include <string>

#include "libs/log/simulated.h"
#include "libs/shard/shard.h"
#include "tests/simulation/findings.h"
#include "tests/simulation/machine.h"

namespace crm::simulation {

// What all processes of one service of a world have in common.
struct ReactingService {
  std::string name;
  const record::Catalogue& catalogue;
  shard::Behaviours behaviours;
  log::SimulatedLog& log;
  log::SimulatedLog* followed = nullptr;  // the log of sales, for the service that reacts to it
  const WorldTime& time;
  Findings& findings;
  shard::Mutations mutations;
};

// One process of a service on one machine: the real shard and store, a clock, and a disk that stays
// when the process goes.
class ReactingProcess {
 public:
  ReactingProcess(ReactingService& service, uint64_t seed);
  ~ReactingProcess() { Crash(); }

  void Start();
  // What was not flushed is gone.
  void Crash();
  // The next start begins from nothing.
  void ForgetProjections() { forget_ = true; }
  bool running() const { return shard_ != nullptr; }
  // Nothing moves until then.
  void Freeze(int64_t until_us) { frozen_until_ = until_us; }
  // As the coordinator says; it may be wrong, or late.
  void Assign(bool assigned);
  bool assigned() const { return assigned_; }

  void Submit(shard::Command command);
  void Run();

  MachineClock& clock() { return clock_; }
  shard::Shard& shard() { return *shard_; }
  store::Store& store() { return *store_; }

 private:
  ReactingService& service_;
  Dice dice_;
  MachineClock clock_;
  const std::shared_ptr<store::Disk> disk_ = store::Disk::InMemory();
  int64_t frozen_until_ = 0;
  bool assigned_ = false;
  bool forget_ = false;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<shard::Shard> shard_;
};

}  // namespace crm::simulation
