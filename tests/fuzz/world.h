#pragma once

#include <memory>
#include <string>

#include "libs/log/simulated.h"
#include "libs/record/catalogue.h"
#include "libs/record/clock.h"
#include "libs/rpc/dispatcher.h"
#include "libs/shard/shard.h"
#include "libs/store/store.h"

namespace crm::fuzz {

// Time that passes only when it is told to.
class SteppedClock final : public record::Clock {
 public:
  record::Instant Wall() const override { return 1'750'000'000'000'000 + now_; }
  int64_t Boottime() const override { return now_; }
  void Pass(int64_t micros) { now_ += micros; }

 private:
  int64_t now_ = 1'000'000;
};

class SeededRandom final : public record::Random {
 public:
  uint64_t Next() override;

 private:
  uint64_t state_ = 1;
};

// One shard of sales on a calm log in memory, with the real dispatcher before it, all in one
// thread.
class World final : public rpc::Host {
 public:
  explicit World(const record::Catalogue& catalogue);
  ~World() override;

  // One unary call, or the first messages of a stream, to its end. False if it was never answered.
  bool Call(rpc::Call call);
  // The names of records that are there from the start: a lead and, on it, a note and a task.
  const std::string& lead() const { return lead_; }

  rpc::Place Find(std::string_view service, std::string_view tenant) override;
  std::vector<std::string> Services() const override { return {"sales"}; }

 private:
  void StepUntil(const bool& done);
  bool CallStream(rpc::Call call);

  SteppedClock clock_;
  SeededRandom random_;
  shard::Behaviours behaviours_;
  log::SimulatedLog log_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<shard::Shard> shard_;
  std::unique_ptr<rpc::Dispatcher> dispatcher_;
  std::string lead_;
};

// A call of the tenant `fuzz`.
rpc::Call CallOf(std::string path, std::string request);

}  // namespace crm::fuzz
