#pragma once

#include <set>
#include <string>
#include <vector>

namespace crm::simulation {

// The invariants of the log's protocol that a run is checked against, and what it must do besides.
enum class Invariant {
  kI1,        // every acknowledged commit counts exactly once
  kI2,        // commits are whole or absent
  kI3,        // each was decided on the state before it
  kI4,        // acknowledged before invoked implies an earlier position
  kI5,        // a request id counts once; its second answer equals its first
  kI6,        // whatever anybody showed is a prefix of the final history
  kI7,        // projections are byte-equal, and what the model says
  kI8,        // default reads are linearizable
  kI9,        // nothing is decided between claim written and claim counted
  kI10,       // an event has at most one effect in a reactor, and in the end exactly one
  kTimers,    // a record is woken once for each time in it, in due order, before anything later
  kReplicas,  // copies of another service's records are equal to them
  kClocks,    // D4: neither a tenant's clock nor the time of recording goes back
  kProgress,  // I11: once faults end, one owner commits
  kReading,   // the automaton reads what the rules R1 to R3, written down a second time, read
  kStopped,   // R5: something impossible was seen in a log that nobody tampered with
};

inline std::string NameOf(Invariant invariant) {
  static constexpr const char* kNames[] = {
      "I1", "I2",  "I3",     "I4",       "I5",     "I6",       "I7",      "I8",
      "I9", "I10", "timers", "replicas", "clocks", "progress", "reading", "stopped"};
  return kNames[static_cast<size_t>(invariant)];
}

struct Finding {
  Invariant invariant;
  std::string text;
};

class Findings {
 public:
  void Add(Invariant invariant, std::string text) { all_.push_back({invariant, std::move(text)}); }
  const std::vector<Finding>& all() const { return all_; }
  bool empty() const { return all_.empty(); }
  // The first one of any of these, or null.
  const Finding* First(const std::set<Invariant>& invariants) const {
    for (const Finding& finding : all_) {
      if (invariants.contains(finding.invariant)) return &finding;
    }
    return nullptr;
  }
  std::string Text() const {
    std::string text;
    for (size_t i = 0; i < all_.size() && i < 5; ++i) {
      text += NameOf(all_[i].invariant) + ": " + all_[i].text + "\n";
    }
    if (all_.size() > 5) text += "and " + std::to_string(all_.size() - 5) + " more\n";
    return text;
  }

 private:
  std::vector<Finding> all_;
};

}  // namespace crm::simulation
