#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/simulation/client.h"
#include "tests/simulation/findings.h"
#include "tests/simulation/misfortune.h"
#include "tests/simulation/process.h"
#include "tests/simulation/watcher.h"

namespace crm::simulation {

// One run: everything in it follows from the seed.
struct Plan {
  uint64_t seed = 1;
  log::Mutations log_mutations;
  shard::Mutations shard_mutations;
  int ticks = 900;
  size_t processes = 0;   // 0: as the seed says
  bool scripted = false;  // a test decides what happens: no faults, nobody is the owner yet

  // Some machines' clocks stand still with them, which is more than leases stand: reads by lease
  // may be stale then. Commands and confirmed reads must be right all the same.
  bool clocks_stop() const { return !scripted && seed % 16 == 5; }
};

// What a process's projections showed at one moment, whether it was the owner or not.
struct Peek {
  size_t process = 0;
  std::string tenant;
  int64_t applied = 0;
  std::vector<std::pair<std::string, std::optional<std::string>>> images;  // by name
  std::vector<int64_t> changes;                                            // offsets
};

// An attempt was made, or answered.
struct Moment {
  Operation* operation;
  Attempt* attempt;
  bool response;
};

// Processes, clients and watchers around one partition of a simulated log. Single-threaded: who
// moves next is decided by dice.
class World {
 public:
  explicit World(const Plan& plan);
  ~World();

  // Runs with faults, then without until everything has come to rest.
  void Run();

  // ---- for clients and watchers
  Operation& NewOperation(const std::string& tenant, const std::string& user);
  // The first operation with the same request id and content: to the service they are one.
  Operation& SameAs(Operation& operation);
  // `deadline_us`: in the world's time; 0: none.
  Attempt& Send(Operation& operation, size_t process, int64_t deadline_us);
  std::deque<std::unique_ptr<Operation>>& operations() { return operations_; }
  Knowledge& knowledge(const std::string& tenant) { return knowledge_[tenant]; }
  const WorldTime& time() const { return time_; }
  size_t active() const { return misfortune_.active(); }
  size_t processes() const { return processes_.size(); }
  Process& process(size_t number) { return *processes_[number]; }

  // ---- for checks, and tests that decide themselves what happens
  const Plan& plan() const { return plan_; }
  log::SimulatedLog& log() { return log_; }
  Findings& findings() { return findings_; }
  const std::vector<Moment>& timeline() const { return timeline_; }
  const std::vector<Peek>& peeks() const { return peeks_; }
  const std::vector<std::unique_ptr<Watcher>>& watchers() const { return watchers_; }
  const record::Catalogue& catalogue() const { return in_.catalogue; }
  void Pass(int64_t micros) { time_.now_us += micros; }

 private:
  void Tick();
  void Answered(Operation& operation, Attempt& attempt, rpc::Answer answer);
  void PeekInto(size_t process, const std::string& tenant);
  void Calm();
  void CalmTick();
  std::string Roles() const;
  bool AtRest();
  bool WatchedAll();

  const Plan plan_;
  Dice dice_;
  WorldTime time_;
  Findings findings_;
  Dice log_dice_;
  log::SimulatedLog log_;
  std::deque<std::unique_ptr<Operation>> operations_;
  std::map<std::string, Knowledge> knowledge_;
  std::vector<Moment> timeline_;
  std::vector<Peek> peeks_;
  const Surroundings in_;
  std::vector<std::unique_ptr<Process>> processes_;
  std::vector<std::unique_ptr<Client>> clients_;
  std::vector<std::unique_ptr<Watcher>> watchers_;
  Misfortune misfortune_;
  size_t counted_end_ = 0;                     // the log's end when these were counted
  std::map<std::string, size_t> lead_events_;  // that count, by tenant
};

}  // namespace crm::simulation
