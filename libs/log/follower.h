#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "libs/log/automaton.h"
#include "libs/log/log.h"
#include "libs/record/clock.h"
#include "libs/record/result.h"

namespace crm::log {

// Where commits that count go.
class Projection {
 public:
  virtual ~Projection() = default;
  // The saved state; a default one if there is nothing.
  virtual Automaton::State Load() = 0;
  // The log is known to go on up to this offset. Until that is reached, what is applied may be held
  // back from readers, to be written in larger pieces.
  virtual void Expect(int64_t /*end*/) {}
  // All or nothing, together with the state after it. Commits may be empty.
  virtual void Apply(std::span<const Commit> commits, const Automaton::State& after) = 0;
};

// Reads a partition through the automaton into a projection. Used by owners and standbys, and by
// whatever else follows a log.
class Follower {
 public:
  struct Counts {  // messages skipped, by reason, since the start
    uint64_t void_claims = 0, deposed = 0, after_end = 0, duplicates = 0, holes = 0, incomplete = 0;
  };
  enum class Found {
    kNothing,  // the log ends here, as far as one can see
    kSome,     // there may be more
    kLater,    // it failed, but may succeed
    kTrouble,  // R5: something impossible; trouble() says what
  };

  Follower(Log& log, int partition, Projection& projection, const record::Clock& clock,
           size_t read_bytes, Mutations mutations);

  // R5, before anything else, at once: what was read is still there. kSome: all well. Whoever
  // follows for long has a ContentCheck instead.
  Found CheckStart();
  // The same, to be done on any thread, with what has been read up to now.
  std::function<record::Result<int64_t>(Log&)> Comparison() const;
  // The end must not be below the position (asked twice). kSome: `end` is there.
  Found AskEnd(int64_t* end);

  // There is this much to read before anybody asks: the projection may take its time to show it.
  void Expect(int64_t end);
  // Reads and feeds what comes next.
  Found Read();
  // Feeds a message whose place is known without reading.
  Verdict Feed(const Stored& message);
  // Hands all commits completed since the last call to the projection, if anything was read.
  void Apply();

  const Automaton::State& state() const { return automaton_.state(); }
  // When the message before the newest counting claim was fed (boottime); the start, if by somebody
  // else.
  int64_t before_claim_time() const { return before_claim_time_; }
  const std::string& trouble() const { return trouble_; }
  void Stop(std::string trouble) { trouble_ = std::move(trouble); }
  // kLater, or kTrouble from now on.
  Found Fail(const record::Error& error);
  const Counts& counts() const { return counts_; }
  Log& log() const { return log_; }

 private:
  Found Trouble(const std::string& what);
  Verdict FeedAt(const Stored& message, int64_t now);
  void Count(Verdict verdict, bool was_open);

  Log& log_;
  const int partition_;
  Projection& projection_;
  const record::Clock& clock_;
  const size_t read_bytes_;
  const Mutations mutations_;
  Automaton automaton_;
  Automaton::State between_;  // the newest state that may be saved (R4)
  int64_t applied_next_ = 0;
  int64_t expected_ = 0;  // the end that the projection was told
  std::vector<Commit> completed_;
  int64_t message_time_;
  int64_t before_claim_time_;
  std::string trouble_;
  Counts counts_;
};

}  // namespace crm::log
