#pragma once

#include <span>
#include <string>
#include <vector>

#include "libs/log/follower.h"

namespace crm::log {

// The commits that count, in memory, with what was saved after each round.
class MemoryProjection final : public Projection {
 public:
  struct Saved {
    Automaton::State state;
    size_t commits = 0;  // so many had been applied
    bool operator==(const Saved&) const = default;
  };

  Automaton::State Load() override {
    return saved.empty() ? Automaton::State() : saved.back().state;
  }

  void Apply(std::span<const Commit> round, const Automaton::State& after) override {
    for (const Commit& commit : round) {
      std::vector<std::string> bodies;
      for (const Stored& event : commit.events) bodies.push_back(*event.body);
      commits.push_back(std::move(bodies));
    }
    saved.push_back({after, commits.size()});
  }

  // As if the process had stopped right after it had saved the index-th time.
  void CutBackTo(size_t index) {
    saved.resize(index + 1);
    commits.resize(saved.back().commits);
  }

  std::vector<std::vector<std::string>> commits;
  std::vector<Saved> saved;
};

}  // namespace crm::log
