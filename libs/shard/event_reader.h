#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>

#include "libs/log/automaton.h"
#include "libs/shard/paced_follower.h"
#include "libs/shard/source.h"

namespace crm::shard {

// The events of a source in the order of its log, from where a reactor has come to. Each is handed
// out once, and again if what was decided about it is lost before it is confirmed.
class EventReader final : private log::Projection {
 public:
  struct Item {
    int64_t offset = 0;
    std::string tenant;
    std::shared_ptr<const std::string> body;
    uint64_t ticket = 0;  // of the last commit that deciding it may have seen
  };

  // `from`: a done() of before, or a default state; `tenant`: whose events; empty: everybody's.
  EventReader(const Source& source, log::Automaton::State from, std::string tenant,
              const record::Clock& clock);

  // Reads on if there is room; true if there was something.
  bool Step(int64_t now);
  int64_t next_step() const;
  const std::string& trouble() const { return follower_.trouble(); }

  // The first event that is not decided, or null.
  const Item* Next() const { return decided_ < items_.size() ? &items_[decided_] : nullptr; }
  void Decided(uint64_t ticket);
  // Everything before this offset is decided.
  int64_t next_offset() const { return Next() ? Next()->offset : read_up_to_; }

  // What hangs on no later ticket stays decided.
  void Confirm(uint64_t confirmed);
  // The rest is to be decided again.
  void Rewind();
  // Where to begin after a restart: all before is decided and confirmed.
  const log::Automaton::State& done() const { return done_; }

 private:
  log::Automaton::State Load() override { return done_; }
  void Apply(std::span<const log::Commit> commits, const log::Automaton::State& after) override;
  void MoveDone();

  const std::string tenant_;
  log::Automaton::State done_;
  std::deque<Item> items_;
  size_t decided_ = 0;                      // of the items
  int64_t read_up_to_ = 0;                  // whole commits
  std::deque<log::Automaton::State> read_;  // after each reading, the oldest first
  PacedFollower follower_;
};

}  // namespace crm::shard
