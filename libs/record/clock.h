#pragma once

#include <cstdint>

namespace crm::record {

// Microseconds since 1970-01-01 UTC.
using Instant = int64_t;

class Clock {
 public:
  virtual ~Clock() = default;
  // Wall clock; may jump either way.
  virtual Instant Wall() const = 0;
  // CLOCK_BOOTTIME in microseconds: never goes back, and goes on while the machine is suspended.
  virtual int64_t Boottime() const = 0;
};

class SystemClock final : public Clock {
 public:
  Instant Wall() const override;
  int64_t Boottime() const override;
};

class Random {
 public:
  virtual ~Random() = default;
  virtual uint64_t Next() = 0;
};

// getrandom(2), buffered; for one thread.
class SystemRandom final : public Random {
 public:
  uint64_t Next() override;

 private:
  uint64_t buffer_[32];
  int left_ = 0;
};

}  // namespace crm::record
