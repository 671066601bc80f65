#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <utility>

#include "libs/log/follower.h"
#include "libs/log/log.h"
#include "libs/log/question.h"
#include "libs/record/clock.h"

namespace crm::log {

// When what a follower has read is compared with its log (R5): before anything else, and every ten
// seconds. That takes some round trips to the broker, so it is done aside: whoever follows goes on
// meanwhile, and stops at the next step after a fault was found.
class ContentCheck {
 public:
  // All must outlive it. `wake`: Step() has something to take in; from any thread.
  ContentCheck(Follower& follower, const record::Clock& clock, std::function<void()> wake);

  // Begins what is due, takes in what was found. True: all was well once, so that there may be
  // reading and writing; what is wrong since is the follower's trouble().
  bool Step(int64_t now);
  // Boottime at which Step() wants to be called even if nobody wakes it.
  int64_t next_deadline() const { return next_; }
  // Where the log ended when it was found well the last time; once for each.
  std::optional<int64_t> TakeEnd() { return std::exchange(end_, std::nullopt); }

 private:
  Follower& follower_;
  const record::Clock& clock_;
  Question question_;
  bool passed_ = false;
  int64_t next_ = 0;
  std::optional<int64_t> end_;
};

}  // namespace crm::log
