#include "libs/record/clock.h"

#include <sys/random.h>
#include <time.h>

#include "libs/record/check.h"

namespace crm::record {
namespace {

int64_t Micros(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return int64_t{time.tv_sec} * 1'000'000 + time.tv_nsec / 1000;
}

}  // namespace

Instant SystemClock::Wall() const { return Micros(CLOCK_REALTIME); }

int64_t SystemClock::Boottime() const { return Micros(CLOCK_BOOTTIME); }

uint64_t SystemRandom::Next() {
  if (left_ == 0) {
    // Up to 256 bytes are never delivered in part, says getrandom(2).
    CRM_CHECK(getrandom(buffer_, sizeof buffer_, 0) == sizeof buffer_);
    left_ = sizeof buffer_ / sizeof *buffer_;
  }
  return buffer_[--left_];
}

}  // namespace crm::record
