#pragma once

#include <cstdint>

#include "libs/log/seeded.h"
#include "libs/record/clock.h"

namespace crm::simulation {

using Dice = log::SeededRandom;

inline int64_t Between(Dice& dice, int64_t low, int64_t high) {
  return low + static_cast<int64_t>(dice.Below(static_cast<uint64_t>(high - low + 1)));
}

// The time that passes for everybody. Clients use it; machines have clocks of their own.
struct WorldTime {
  int64_t now_us = 0;
};

// A machine's clocks: they start anywhere and run a little faster or slower than the world, within
// what leases allow for (L1). The wall clock may also be set.
class MachineClock final : public record::Clock {
 public:
  MachineClock(const WorldTime& time, int64_t start_us, int32_t drift_per_mille)
      : time_(time), start_us_(start_us), per_mille_(1000 + drift_per_mille) {}

  record::Instant Wall() const override {
    return int64_t{1'700'000'000'000'000} + wall_offset_us_ + Passed();
  }
  int64_t Boottime() const override { return start_us_ + Passed(); }
  void SetWall(int64_t offset_us) { wall_offset_us_ = offset_us; }
  // Both clocks stand still from now on, as in a guest that is frozen together with its clock.
  void StandStill() {
    GoOn();
    still_from_us_ = time_.now_us;
  }
  void GoOn() {
    if (still_from_us_ >= 0) lost_us_ += time_.now_us - still_from_us_;
    still_from_us_ = -1;
  }

 private:
  int64_t Passed() const {
    const int64_t now_us = still_from_us_ >= 0 ? still_from_us_ : time_.now_us;
    return (now_us - lost_us_) / 1000 * per_mille_;
  }

  const WorldTime& time_;
  const int64_t start_us_;
  const int64_t per_mille_;
  int64_t wall_offset_us_ = 0;
  int64_t still_from_us_ = -1;  // -1: they run
  int64_t lost_us_ = 0;
};

}  // namespace crm::simulation
