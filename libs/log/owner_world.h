#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "libs/log/owner.h"
#include "libs/log/seeded.h"
#include "libs/log/simulated.h"

// A small world around real owners on the simulated log: a few keys with versions, commands that
// read some and raise others, clients that lose patience and ask elsewhere, owners that pause,
// crash and hand over. What comes out is judged by rules that share no code with the owner.
namespace crm::log::world {

struct Command {
  std::string id;
  std::vector<int> writes;
  int looks_at = 0;
  class Desk* at = nullptr;  // who works on it, as far as its client knows
  bool acknowledged = false;
};

// What an event's value says: `command key version`, then what the command had read.
struct Told {
  std::string command;
  int key = 0, version = 0;
  uint32_t count = 0;
  std::map<int, int> read;
};
Told ReadTold(const Stored& event);

// What the events say: versions of keys, and commands done.
class Versions final : public Projection {
 public:
  Automaton::State Load() override { return saved_; }
  void Apply(std::span<const Commit> commits, const Automaton::State& after) override;

  std::map<int, int> versions;
  std::set<std::string> commands;
  std::vector<std::string> history;  // commands in order

 private:
  Automaton::State saved_;
};

class World;

// One process: a tiny shard around an owner.
class Desk {
 public:
  Desk(World* world, int number);

  void Step();
  void Crash();

  int64_t paused_until = 0;
  Versions shown;
  std::unique_ptr<Owner> owner;

 private:
  void Answer();
  void Decide();
  void StepReads();

  struct Pending {
    Command* command;
    uint64_t ticket;
  };
  struct DefaultRead {
    size_t acknowledged;  // so many, when it was asked
    bool look_first;      // before it compares the lease
    bool half = false;
    bool valid = false;
    std::set<std::string> seen;
  };
  World* const world_;
  const int number_;
  uint64_t epoch_ = 0;
  std::map<int, int> overlay_;
  std::vector<Pending> pending_;
  std::vector<DefaultRead> reads_;
};

class World {
 public:
  World(uint64_t seed, Mutations mutations);

  // The whole run; what was found wrong, empty if nothing.
  std::string Run();

  Command* FreeCommand();
  void Acknowledge(Command* command);
  void Forget(const Desk* desk);
  void CheckRead(size_t acknowledged_before, const std::set<std::string>& seen);

  Mutations mutations;
  SeededRandom random;
  ManualClock clock;
  SimulatedLog log;
  std::vector<std::unique_ptr<Command>> commands;
  std::vector<std::string> acknowledged;
  std::vector<std::unique_ptr<Desk>> desks;
  std::string wrong;

 private:
  void OneThing();
  Command* AddCommand(const std::string& id);
  bool Progresses();
  void Judge();

  Desk* active_ = nullptr;
  bool stale_read_ = false;
};

}  // namespace crm::log::world
