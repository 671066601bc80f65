#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libs/log/automaton.h"
#include "libs/log/simulated.h"
#include "tests/simulation/findings.h"

namespace crm::simulation {

struct HistoryEvent {
  int64_t offset = 0;
  log::Envelope envelope;
  std::string name;
  std::string what;   // the last word of its type: `updated`
  std::string image;  // empty: deleted
};

struct HistoryCommit {
  int64_t position = 0;
  std::vector<HistoryEvent> events;
  std::optional<size_t> operation;  // that it is the commit of
  const log::Envelope& last() const { return events.back().envelope; }
};

// Everything in the log that counts, read from offset 0 when a run is over.
struct History {
  static History Read(const log::SimulatedLog& log, log::Mutations mutations, Findings* findings);

  // How many commits are complete before an offset.
  size_t CommitsBefore(int64_t offset) const;

  std::vector<log::Commit> raw;
  std::vector<HistoryCommit> commits;
  log::Automaton::State state;
};

// Positions of the commits that count, by the rules R1 to R3 written down a second time.
std::vector<int64_t> ReferencePositions(const log::SimulatedLog& log);

// The log as it is read, a line for each message, for whoever replays a seed.
std::string Lines(const log::SimulatedLog& log, log::Mutations mutations);

}  // namespace crm::simulation
