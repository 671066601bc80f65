#pragma once

#include <cstdint>

#include "libs/record/clock.h"

// A clock and dice for tests: a seed reproduces a run.
namespace crm::log {

class ManualClock final : public record::Clock {
 public:
  record::Instant Wall() const override { return wall_ + boottime_; }
  int64_t Boottime() const override { return boottime_; }
  void Advance(int64_t micros) { boottime_ += micros; }
  // The wall clock is set; boottime does not mind.
  void JumpWall(int64_t micros) { wall_ += micros; }

 private:
  int64_t wall_ = 1'700'000'000'000'000;
  int64_t boottime_ = 1'000'000;
};

class SeededRandom final : public record::Random {
 public:
  explicit SeededRandom(uint64_t seed) : state_(seed) {}

  // SplitMix64.
  uint64_t Next() override {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  uint64_t Below(uint64_t end) { return Next() % end; }
  bool Chance(double chance) { return static_cast<double>(Next() >> 11) * 0x1p-53 < chance; }

 private:
  uint64_t state_;
};

}  // namespace crm::log
