#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/simulation/history.h"
#include "tests/simulation/model.h"
#include "tests/simulation/world.h"

// What a run is checked against when it is over. Everything starts from the log's final content,
// read from offset 0, and from what clients were told.
namespace crm::simulation {

class Check {
 public:
  explicit Check(World& world);

  // Adds to the world's findings.
  void All();

  // How much there was to check.
  struct Counts {
    size_t commits = 0, acknowledged = 0, refused = 0, reads = 0, peeks = 0, changes = 0;
    Counts& operator+=(const Counts& more);
    std::string Average(double runs) const;
  };
  const Counts& counts() const { return counts_; }

 private:
  // check_commits.cc: I2, I3, I5, and the states that everything else is compared with
  void Commits();
  void CommitIsWhole(const HistoryCommit& commit);
  Decision DecideAnew(const Operation& operation, const HistoryCommit& commit) const;
  void CommitIsDecided(size_t number, const Decision& decision);
  void Clocks();

  // check_answers.cc: I1, I4, I5
  void Answers();
  // The commit that an OK answer speaks of.
  std::optional<size_t> CommitBehind(const Moment& moment) const;
  void Acknowledged(const Operation& operation, const Attempt& attempt);
  bool ChangedNothing(const Operation& operation, const Attempt& attempt) const;
  void Refused(const Operation& operation, const Attempt& attempt);
  void Order();
  // Whether some state that the attempt may have seen makes it answer that.
  template <class Predicate>
  bool SomeState(const Operation& operation, const Attempt& attempt, Predicate fits) const;
  // How many commits the attempt must have seen.
  size_t Floor(const Operation& operation, const Attempt& attempt) const;
  bool RequestIsUsed(const Operation& operation, const Attempt& attempt) const;

  // check_reads.cc: I6, I8
  void Reads();
  void ReadShows(const Operation& operation, const Attempt& attempt);
  void Linearizable();
  void Watched();
  void Peeked();

  // check_projections.cc: I7
  void Projections();
  void Reading();

  void Found(Invariant invariant, const std::string& text) {
    world_.findings().Add(invariant, text);
  }
  const Record* At(size_t commits, const std::string& tenant, const std::string& name) const;

  World& world_;
  Counts counts_;
  History history_;
  std::vector<State> states_;           // [n]: after n commits
  std::vector<Decision> decisions_;     // of each commit, by the model
  std::map<size_t, size_t> commit_of_;  // operation -> commit
  // Of how many commits somebody had been told when an attempt was made, by `invoked`.
  std::map<uint64_t, size_t> floors_;
};

// Whether an OK answer says what the model says.
bool SameAnswer(const Operation& operation, const rpc::Answer& answer, const Decision& decision);

}  // namespace crm::simulation
