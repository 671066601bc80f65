#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "libs/log/simulated.h"
#include "libs/rpc/dispatcher.h"
#include "libs/shard/shard.h"
#include "tests/simulation/findings.h"
#include "tests/simulation/machine.h"
#include "tests/simulation/observed_log.h"

namespace crm::simulation {

inline constexpr const char* kService = "sales";
inline constexpr const char* kTenants[] = {"acme", "globex"};

// What all processes of a world have in common.
struct Surroundings {
  const record::Catalogue& catalogue;
  const shard::Behaviours& behaviours;
  const WorldTime& time;
  log::SimulatedLog& log;
  Findings& findings;
  log::Mutations log_mutations;
  shard::Mutations shard_mutations;
  shard::Limits limits = {};
};

// One process on one machine: the real dispatcher, shard and store, a clock, and a disk that stays
// when the process goes.
class Process final : public rpc::Host {
 public:
  Process(size_t number, const Surroundings& surroundings, uint64_t seed);
  ~Process() override;

  void Start();
  // What was not flushed is gone, and nobody who waits hears of it.
  void Crash();
  // Hands over, then ends.
  void Leave();
  // The next start begins from nothing.
  void ForgetProjections() { forget_ = true; }
  bool running() const { return shard_ != nullptr; }
  bool leaving() const { return leaving_; }

  // Nothing moves until then, as under SIGSTOP.
  void Freeze(int64_t until_us) { frozen_until_ = until_us; }
  // The shard's thread stands still until then; callers are served.
  void Stall(int64_t until_us) { stalled_until_ = until_us; }
  bool frozen() const { return in_.time.now_us < frozen_until_; }
  bool stalled() const { return in_.time.now_us < stalled_until_; }
  void Thaw();

  // As the coordinator says; it may be wrong, or late.
  void Assign(bool assigned);
  bool assigned() const { return assigned_; }
  void Call(rpc::Call call, std::function<void(rpc::Answer)> done);
  std::shared_ptr<rpc::Stream> Open(rpc::Call call);
  // Does what is due; false if there was nothing.
  bool Run();

  rpc::Place Find(std::string_view service, std::string_view tenant) override;
  std::vector<std::string> Services() const override { return {kService}; }

  MachineClock& clock() { return clock_; }
  shard::Shard& shard() { return *shard_; }
  store::Store& store() { return *store_; }
  uint64_t starts() const { return starts_; }

 private:
  struct Waiting {
    rpc::Call call;
    std::function<void(rpc::Answer)> done;
  };
  bool due() const;
  void Step();
  void ServeWaiting();
  void Observe(const log::Envelope& envelope);

  const size_t number_;
  const Surroundings in_;
  Dice dice_;
  MachineClock clock_;
  const std::shared_ptr<store::Disk> disk_;
  int64_t frozen_until_ = 0;
  int64_t stalled_until_ = 0;
  bool assigned_ = false;
  bool leaving_ = false;
  bool forget_ = false;
  bool woken_ = false;
  bool worked_ = false;
  uint64_t starts_ = 0;
  uint64_t counted_claim_ = 0;  // the id of a claim of ours that our automaton has counted
  std::vector<Waiting> waiting_;

  ObservedLog log_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<shard::Shard> shard_;
  std::unique_ptr<rpc::Dispatcher> dispatcher_;
};

}  // namespace crm::simulation
