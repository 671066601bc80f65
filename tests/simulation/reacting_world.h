#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/simulation/reacting_process.h"

namespace crm::simulation {

// One run: everything in it follows from the seed.
struct ReactingPlan {
  uint64_t seed = 1;
  shard::Mutations mutations;
  int ticks = 500;
};

// Sales on one simulated log, and a service on another that keeps copies of leads, greets each new
// one, and wakes its reminders. Single-threaded: who moves next is decided by dice.
class ReactingWorld {
 public:
  explicit ReactingWorld(const ReactingPlan& plan);

  // Runs with faults, then without until everything has come to rest.
  void Run();

  const log::SimulatedLog& sales_log() const { return sales_log_; }
  const log::SimulatedLog& test_log() const { return test_log_; }
  std::vector<std::unique_ptr<ReactingProcess>>& of_sales() { return of_sales_; }
  std::vector<std::unique_ptr<ReactingProcess>>& of_test() { return of_test_; }
  const record::Catalogue& catalogue() const { return sales_.catalogue; }
  Findings& findings() { return findings_; }
  // Events that an operator had skipped, perhaps: they may have no effect.
  bool skipped() const { return skipped_; }
  size_t parked() const { return parked_; }

 private:
  using Processes = std::vector<std::unique_ptr<ReactingProcess>>;
  void Tick();
  void CreateLead();
  void CreateReminder();
  void Operate(bool may_skip);
  void Coordinate(Processes& processes, size_t* active);
  void Break(Processes& processes);
  void Calm();
  bool AtRest();
  void Create(ReactingProcess& process, const google::protobuf::Message& record,
              const std::string& tenant);
  std::string Tenant() { return dice_.Chance(0.5) ? "acme" : "globex"; }

  const ReactingPlan plan_;
  Dice dice_;
  WorldTime time_;
  Findings findings_;
  Dice log_dice_;
  log::SimulatedLog sales_log_, test_log_;
  ReactingService sales_, test_;
  Processes of_sales_, of_test_;
  size_t active_sales_ = 0, active_test_ = 0;
  uint64_t records_ = 0;
  bool skipped_ = false;
  size_t parked_ = 0;
};

// Adds to the world's findings what its logs and projections show when it is over.
void CheckReacting(ReactingWorld& world);

}  // namespace crm::simulation
