#include "tests/simulation/misfortune.h"

namespace crm::simulation {

void Misfortune::Coordinate() {
  if (dice_.Chance(0.01)) {
    const size_t before = active_;
    active_ = dice_.Below(processes_.size());
    if (before != active_ && dice_.Chance(0.5)) processes_[before]->Assign(false);
    processes_[active_]->Assign(true);
  }
  if (dice_.Chance(0.04)) processes_[active_]->Assign(true);
  if (dice_.Chance(0.01)) {
    const size_t late = dice_.Below(processes_.size());
    if (late != active_) processes_[late]->Assign(false);
  }
}

void Misfortune::BreakOne(Process& process) {
  const int64_t now = time_.now_us;
  const uint64_t what = dice_.Below(100);
  if (what < 40) {
    process.Freeze(now + Between(dice_, 50'000, 9'000'000));
    if (clocks_stop_) process.clock().StandStill();
  } else if (what < 65) {
    process.Stall(now + Between(dice_, 50'000, 9'000'000));
  } else if (what < 78) {
    process.Crash();
  } else if (what < 86) {
    process.Leave();
  } else if (what < 90) {
    process.Crash();
    process.ForgetProjections();
  } else {
    process.clock().SetWall(Between(dice_, -3'600'000'000, 3'600'000'000));
  }
}

void Misfortune::Break() {
  if (dice_.Chance(0.009)) BreakOne(*processes_[dice_.Below(processes_.size())]);
  if (dice_.Chance(0.004)) {
    Process& process = *processes_[dice_.Below(processes_.size())];
    if (process.running()) process.store().Flush();
  }
  if (dice_.Chance(0.05)) {
    Process& process = *processes_[dice_.Below(processes_.size())];
    if (!process.running()) process.Start();
  }
}

}  // namespace crm::simulation
