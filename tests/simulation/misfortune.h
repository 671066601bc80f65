#pragma once

#include <memory>
#include <vector>

#include "tests/simulation/process.h"

namespace crm::simulation {

// What goes wrong in a world besides its log: processes freeze, crash, leave and forget, their
// clocks are set, and which one is taken for the owner changes.
class Misfortune {
 public:
  // All must outlive it. `clocks_stop`: of a machine that freezes, too.
  Misfortune(Dice& dice, const WorldTime& time, std::vector<std::unique_ptr<Process>>& processes,
             bool clocks_stop)
      : dice_(dice), time_(time), processes_(processes), clocks_stop_(clocks_stop) {}

  // The process that is taken for the owner; not everybody hears of a change in time.
  size_t active() const { return active_; }
  void Coordinate();
  void Break();
  void BreakOne(Process& process);

 private:
  Dice& dice_;
  const WorldTime& time_;
  std::vector<std::unique_ptr<Process>>& processes_;
  const bool clocks_stop_;
  size_t active_ = 0;
};

}  // namespace crm::simulation
