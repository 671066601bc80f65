#include <set>

#include "tests/simulation/check.h"

// What the log holds, commit by commit, against the model.
namespace crm::simulation {
namespace {

std::vector<Effect> EffectsOf(const HistoryCommit& commit) {
  std::vector<Effect> effects;
  for (const HistoryEvent& event : commit.events) {
    effects.push_back({event.name, event.what, event.image});
  }
  return effects;
}

std::string Place(const HistoryCommit& commit) { return " at " + std::to_string(commit.position); }

}  // namespace

void Check::CommitIsWhole(const HistoryCommit& commit) {
  for (size_t i = 0; i < commit.events.size(); ++i) {
    const log::Envelope& envelope = commit.events[i].envelope;
    if (envelope.commit_index() == i + 1 && envelope.commit_count() == commit.events.size() &&
        envelope.command() == commit.last().command()) {
      continue;
    }
    Found(Invariant::kI2, "event " + std::to_string(envelope.commit_index()) + "/" +
                              std::to_string(envelope.commit_count()) +
                              " was applied as part of a commit of " +
                              std::to_string(commit.events.size()) + Place(commit));
    return;
  }
}

Decision Check::DecideAnew(const Operation& operation, const HistoryCommit& commit) const {
  std::vector<std::string> new_names;
  for (const HistoryEvent& event : commit.events) {
    const bool chosen = event.name.find(Workload::ChosenId(0).substr(0, 24)) != std::string::npos;
    if (event.what == "created" && !chosen) new_names.push_back(event.name);
  }
  return Decider(operation, states_.back(), commit.last().time_us(), new_names).Decide();
}

// I3, by deciding anew on the state before it; and I2 where a part of the effect is missing.
void Check::CommitIsDecided(size_t number, const Decision& decision) {
  const HistoryCommit& commit = history_.commits[number];
  const std::string what = world_.operations()[*commit.operation]->Describe() + Place(commit);
  if (!decision.reason.empty()) {
    return Found(Invariant::kI3, what + " should have been refused: " + decision.reason);
  }
  std::map<std::string, const Effect*> expected;
  for (const Effect& effect : decision.effects) expected[effect.name] = &effect;
  for (const HistoryEvent& event : commit.events) {
    auto effect = expected.find(event.name);
    if (effect == expected.end()) {
      return Found(Invariant::kI3, what + " changed " + event.name);
    }
    if (effect->second->event != event.what || effect->second->image != event.image) {
      return Found(Invariant::kI3, what + " left " + event.name + " (" + event.what +
                                       ") in another state than the one before allows");
    }
    expected.erase(effect);
  }
  if (!expected.empty()) {
    Found(Invariant::kI2, what + " did not change " + expected.begin()->first);
  }
}

void Check::Commits() {
  states_.assign(1, State());
  std::set<std::pair<std::string, std::string>> requests;
  for (size_t i = 0; i < history_.commits.size(); ++i) {
    HistoryCommit& commit = history_.commits[i];
    CommitIsWhole(commit);
    decisions_.emplace_back();
    const std::string& tenant = commit.last().tenant();
    if (!commit.operation || *commit.operation >= world_.operations().size()) {
      Found(Invariant::kI1, "nobody wanted the commit" + Place(commit));
    } else {
      const Operation& operation = *world_.operations()[*commit.operation];
      const bool first = commit_of_.emplace(operation.number, i).second;
      const bool unused =
          operation.request_id.empty() || requests.emplace(tenant, operation.request_id).second;
      if (!first || !unused) {
        Found(Invariant::kI5, operation.Describe() + " counts again" + Place(commit));
      } else {
        decisions_.back() = DecideAnew(operation, commit);
        CommitIsDecided(i, decisions_.back());
      }
    }
    states_.push_back(After(states_.back(), tenant, EffectsOf(commit), i));
  }
}

void Check::Clocks() {
  std::map<std::string, int64_t> times;
  int64_t recorded = 0;
  for (const HistoryCommit& commit : history_.commits) {
    for (const HistoryEvent& event : commit.events) {
      int64_t& time = times[event.envelope.tenant()];
      if (event.envelope.time_us() < time || event.envelope.recorded_time_us() < recorded) {
        return Found(Invariant::kClocks, "a clock went back" + Place(commit));
      }
      time = event.envelope.time_us();
      recorded = event.envelope.recorded_time_us();
    }
  }
}

}  // namespace crm::simulation
