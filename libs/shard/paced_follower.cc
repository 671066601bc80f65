#include "libs/shard/paced_follower.h"

namespace crm::shard {
namespace {

constexpr int64_t kPoll = 10'000;
constexpr int64_t kCheckEvery = 10'000'000;  // R5
constexpr int64_t kRetryPause = 100'000;

}  // namespace

bool PacedFollower::Check(int64_t now) {
  if (now < next_check_) return checked_start_;
  const Found found = checked_start_ ? follower_.CheckContent() : follower_.CheckStart();
  if (found == Found::kSome) {
    checked_start_ = true;
    next_check_ = now + kCheckEvery;
  } else {
    next_check_ = now + kRetryPause;
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
