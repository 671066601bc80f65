#include "libs/log/content_check.h"

#include <limits>
#include <utility>

#include "libs/log/content.h"

namespace crm::log {
namespace {

constexpr int64_t kNever = std::numeric_limits<int64_t>::max();
constexpr int64_t kEvery = 10'000'000;
constexpr int64_t kRetryPause = 100'000;

}  // namespace

ContentCheck::ContentCheck(Follower& follower, const record::Clock& clock,
                           std::function<void()> wake)
    : follower_(follower), clock_(clock), question_(follower.log(), std::move(wake)) {}

bool ContentCheck::Step(int64_t now) {
  if (now >= next_ && !question_.open()) {
    question_.Ask(follower_.Comparison());
    next_ = kNever;
  }
  if (const auto found = question_.Take()) {
    if (*found) {
      passed_ = true;
      end_ = **found;
    } else {
      follower_.Fail(found->error());
    }
    // Nobody else writes to an exclusive log, so that comparing once is enough.
    const bool again = !*found || !follower_.log().exclusive();
    if (again) next_ = clock_.Boottime() + (*found ? kEvery : kRetryPause);
  }
  return passed_;
}

}  // namespace crm::log
