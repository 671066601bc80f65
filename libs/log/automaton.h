#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/log/mutations.h"
#include "libs/log/record.h"

// The reading rules R1 to R4 of the log's protocol: a function of the log's prefix, and of nothing
// else. Owners, standbys, followers and tools all read through it.
namespace crm::log {

struct Facts;

// A commit that counts: its events in order. A reactor's position record (crm.event.v1.reached) is
// a commit by itself.
struct Commit {
  std::vector<Stored> events;
  int64_t position() const { return events.back().offset; }
};

// Why a message was skipped, or that it was not.
enum class Verdict {
  kCounts,  // an event, alive or reached record that counts (an event's commit may still be open)
  kClaim,   // a claim that counts
  kReleased,
  kVoidClaim,  // late, doubled or beaten
  kDeposed,    // of a claim that is no longer the newest
  kAfterEnd,   // of the newest claim, after its hole or release
  kDuplicate,
  kHole,        // this one ended the claim
  kImpossible,  // R5: readers must stop; see Automaton::trouble()
};

class Automaton {
 public:
  // What is saved beside a position (R4).
  struct State {
    int64_t next = 0;     // offset to read next
    uint64_t log_id = 0;  // 0: nothing read yet
    uint64_t claim = 0;   // the newest counting claim's number
    uint64_t claim_id = 0;
    bool ended = false;
    bool released = false;              // the newest claim's owner has released it
    bool predecessor_released = false;  // so had the one before when the newest claim came
    uint64_t next_seq = 1;
    uint32_t lease_ms = 0;  // longest that any claim so far stated
    uint32_t partitions = 0;
    int64_t recorded_time_us = 0;  // newest of a record that counts
    int64_t last_offset = -1;      // the last message read, counting or not
    uint64_t last_claim = 0;
    uint64_t last_claim_id = 0;
    uint64_t last_seq = 0;

    std::string Encode() const;
    static std::optional<State> Decode(std::string_view bytes);
    bool operator==(const State&) const = default;
  };

  Automaton() = default;
  explicit Automaton(State saved, Mutations mutations = {})
      : mutations_(mutations), state_(saved) {}

  // Feeds the message at state().next or behind it (offsets may jump where a broker keeps records
  // of its own). A commit that is completed by it is put into `commit`; else that is emptied.
  Verdict Feed(const Stored& message, std::optional<Commit>* commit);

  const State& state() const { return state_; }
  // No commit is half read: the state may be saved.
  bool between_commits() const { return open_.empty(); }
  const std::string& trouble() const { return trouble_; }

 private:
  Verdict FeedClaim(const Stored& message, const Facts& facts);
  Verdict FeedRecord(const Stored& message, const Facts& facts, std::optional<Commit>* commit);
  Verdict FeedEvent(const Stored& message, const Facts& facts, std::optional<Commit>* commit);
  Verdict Impossible(const Stored& message, std::string_view what);

  [[no_unique_address]] Mutations mutations_;
  State state_;
  std::vector<Stored> open_;  // events of a commit whose last one has not come yet
  std::string trouble_;
};

}  // namespace crm::log
