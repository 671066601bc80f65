#include "libs/shard/paced_follower.h"

#include <algorithm>

namespace crm::shard {
namespace {

constexpr int64_t kPoll = 10'000;
constexpr int64_t kCheckEvery = 10'000'000;  // R5
// Of the shard's time, checks take 1 / n at most: where the broker is far, each is some round
// trips.
constexpr int64_t kCheckShare = 20;
constexpr int64_t kRetryPause = 100'000;

}  // namespace

bool PacedFollower::Check(int64_t now) {
  if (now < next_check_) return checked_start_;
  const Found found = checked_start_ ? follower_.CheckContent() : follower_.CheckStart();
  const int64_t checked = clock_.Boottime();
  if (found == Found::kSome) {
    checked_start_ = true;
    next_check_ = checked + std::max(kCheckEvery, kCheckShare * (checked - now));
  } else {
    next_check_ = checked + std::max(kRetryPause, checked - now);
  }
  return checked_start_ && trouble().empty();
}

PacedFollower::Found PacedFollower::Step(int64_t now) {
  next_ = now + kRetryPause;
  if (!Check(now)) return Found::kNothing;
  const Found found = follower_.Read();
  follower_.Apply();
  if (found == Found::kSome) next_ = now;
  if (found == Found::kNothing) next_ = now + kPoll;
  return found == Found::kSome ? found : Found::kNothing;
}

}  // namespace crm::shard
