#pragma once

#include <cstdint>
#include <string>

#include "libs/log/follower.h"
#include "libs/log/log.h"
#include "libs/record/clock.h"

namespace crm::shard {

// Follows a log that somebody else writes, step by step on the shard's thread: with R5's checks at
// the start and every ten seconds (less often where they take long), and a pause where there is
// nothing to read.
class PacedFollower {
 public:
  using Found = log::Follower::Found;
  // All must outlive it.
  PacedFollower(log::Log& log, int partition, log::Projection& projection,
                const record::Clock& clock, size_t read_bytes)
      : clock_(clock), follower_(log, partition, projection, clock, read_bytes, {}) {}

  bool Due(int64_t now) const { return now >= next_ && trouble().empty(); }
  // Reads and applies some of what is there. kNothing also while nothing can be told.
  Found Step(int64_t now);
  // The end as it is now; kLater: it can not be told.
  Found AskEnd(int64_t* end) { return follower_.AskEnd(end); }
  void Hurry() { next_ = 0; }

  int64_t next_step() const { return next_; }
  const log::Automaton::State& state() const { return follower_.state(); }
  const std::string& trouble() const { return follower_.trouble(); }

 private:
  bool Check(int64_t now);

  const record::Clock& clock_;
  log::Follower follower_;
  bool checked_start_ = false;
  int64_t next_ = 0;
  int64_t next_check_ = 0;
};

}  // namespace crm::shard
