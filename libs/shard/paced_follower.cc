#include "libs/shard/paced_follower.h"

namespace crm::shard {
namespace {

constexpr int64_t kPoll = 10'000;
constexpr int64_t kRetryPause = 100'000;

}  // namespace

PacedFollower::Found PacedFollower::Step(int64_t now) {
  next_ = now + kPoll;
  if (!check_.Step(now) || !trouble().empty()) return Found::kNothing;
  const Found found = follower_.Read();
  follower_.Apply();
  if (found == Found::kSome) next_ = now;
  if (found == Found::kLater) next_ = now + kRetryPause;
  return found == Found::kSome ? found : Found::kNothing;
}

}  // namespace crm::shard
