#pragma once

#include <string>

#include "tests/simulation/machine.h"
#include "tests/simulation/workload.h"

namespace crm::simulation {

class World;

// Wants one thing after the other, asks the process that it believes to be the owner, and where
// the outcome stays unknown, asks again elsewhere with the same request id.
class Client {
 public:
  Client(World& world, size_t number, uint64_t seed);

  void Step();
  // From now on it wants nothing but this, whatever it takes.
  void WantOnly(Operation* operation);
  bool done() const { return operation_ == nullptr; }
  const std::string& user() const { return user_; }

 private:
  void Begin();
  void Send();
  void TryAgain();

  World& world_;
  const std::string tenant_;
  const std::string user_;
  Dice dice_;
  Workload workload_;
  Operation* operation_ = nullptr;
  Attempt* attempt_ = nullptr;
  int64_t give_up_us_ = 0;
  int64_t resume_us_ = 0;
  int tries_ = 0;
  bool insists_ = false;
};

}  // namespace crm::simulation
