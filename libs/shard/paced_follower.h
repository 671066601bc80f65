#pragma once

#include <cstdint>
#include <string>

#include "libs/log/content_check.h"
#include "libs/log/follower.h"
#include "libs/log/log.h"
#include "libs/record/clock.h"
#include "libs/record/result.h"

namespace crm::shard {

// Follows a log that somebody else writes, step by step on the shard's thread: with R5's checks,
// and a pause where there is nothing to read.
class PacedFollower {
 public:
  using Found = log::Follower::Found;
  // All must outlive it.
  PacedFollower(log::Log& log, int partition, log::Projection& projection,
                const record::Clock& clock, size_t read_bytes)
      : follower_(log, partition, projection, clock, read_bytes, {}),
        check_(follower_, clock, nullptr) {}

  bool Due(int64_t now) const { return now >= next_ && trouble().empty(); }
  // Reads and applies some of what is there. kNothing also while nothing can be told.
  Found Step(int64_t now);
  void Hurry() { next_ = 0; }
  // A question to the log failed, for now or for good.
  void Fail(const record::Error& error) { follower_.Fail(error); }

  int64_t next_step() const { return next_; }
  const log::Automaton::State& state() const { return follower_.state(); }
  const std::string& trouble() const { return follower_.trouble(); }

 private:
  log::Follower follower_;
  log::ContentCheck check_;
  int64_t next_ = 0;
};

}  // namespace crm::shard
