#include <algorithm>
#include <set>

#include "crm/sales/v1/lead.pb.h"
#include "tests/simulation/check.h"

// What clients were told about changes, against the log and the model.
namespace crm::simulation {
namespace {

bool SameNames(const rpc::Answer& answer, const Decision& decision) {
  record::v1::DeleteResponse response;
  if (!response.ParseFromString(answer.body)) return false;
  const std::set<std::string> told(response.deleted().begin(), response.deleted().end());
  std::set<std::string> expected;
  for (const Effect& effect : decision.effects) expected.insert(effect.name);
  return told == expected && response.deleted().size() == static_cast<int>(told.size());
}

bool SameLeads(const rpc::Answer& answer, const Decision& decision) {
  sales::v1::BatchLeadsResponse response;
  if (!response.ParseFromString(answer.body)) return false;
  if (static_cast<size_t>(response.leads_size()) != decision.images.size()) return false;
  for (int i = 0; i < response.leads_size(); ++i) {
    if (response.leads(i).SerializeAsString() != decision.images[static_cast<size_t>(i)]) {
      return false;
    }
  }
  return true;
}

}  // namespace

bool SameAnswer(const Operation& operation, const rpc::Answer& answer, const Decision& decision) {
  const std::string method = operation.method();
  if (method.starts_with("Delete")) return SameNames(answer, decision);
  if (method.starts_with("Batch")) return SameLeads(answer, decision);
  if (!decision.response.empty()) return answer.body == decision.response;
  return decision.images.size() == 1 && answer.body == decision.images.front();
}

size_t Check::Floor(const Operation& operation, const Attempt& attempt) const {
  if (world_.plan().clocks_stop() && !operation.confirmed) return 0;
  return floors_.at(attempt.invoked);
}

template <class Predicate>
bool Check::SomeState(const Operation& operation, const Attempt& attempt, Predicate fits) const {
  size_t last = history_.CommitsBefore(attempt.log_end);
  // Once it has taken effect, it is not decided anew.
  auto own = commit_of_.find(operation.number);
  if (own != commit_of_.end() && !operation.request_id.empty()) last = std::min(last, own->second);
  for (size_t commits = Floor(operation, attempt); commits <= last; ++commits) {
    if (fits(Decider(operation, states_[commits], 0, {}).Decide())) return true;
  }
  return false;
}

bool Check::RequestIsUsed(const Operation& operation, const Attempt& attempt) const {
  for (size_t i = 0; i < history_.CommitsBefore(attempt.log_end); ++i) {
    const HistoryCommit& commit = history_.commits[i];
    if (commit.operation == operation.number || commit.last().tenant() != operation.tenant)
      continue;
    // Who is not refused is told what that commit did.
    if (attempt.answer.status.code() == record::kOk && commit.position != attempt.position)
      continue;
    if (commit.last().request() == operation.request_id) return true;
  }
  return false;
}

// What changed nothing is decided anew when it is asked for again, and may then count.
std::optional<size_t> Check::CommitBehind(const Moment& moment) const {
  auto own = commit_of_.find(moment.operation->number);
  if (!moment.response || moment.operation->reads || own == commit_of_.end()) return std::nullopt;
  if (moment.attempt->answer.status.code() != record::kOk) return std::nullopt;
  if (history_.commits[own->second].position != moment.attempt->position) return std::nullopt;
  return own->second;
}

// It was decided, without effect, on exactly the state at the position that it was answered with.
bool Check::ChangedNothing(const Operation& operation, const Attempt& attempt) const {
  const size_t commits = history_.CommitsBefore(attempt.position + 1);
  if (attempt.position >= attempt.log_end || commits < Floor(operation, attempt)) return false;
  const Decision decision = Decider(operation, states_[commits], 0, {}).Decide();
  return decision.reason.empty() && decision.effects.empty() &&
         SameAnswer(operation, attempt.answer, decision);
}

void Check::Acknowledged(const Operation& operation, const Attempt& attempt) {
  ++counts_.acknowledged;
  auto own = commit_of_.find(operation.number);
  if (own != commit_of_.end() && history_.commits[own->second].position == attempt.position) {
    if (!SameAnswer(operation, attempt.answer, decisions_[own->second])) {
      Found(Invariant::kI5, operation.Describe() + " was answered other than it was decided");
    }
    return;
  }
  if (ChangedNothing(operation, attempt)) return;
  const std::string what =
      operation.Describe() + " was acknowledged at " + std::to_string(attempt.position);
  if (own == commit_of_.end()) return Found(Invariant::kI1, what + " and is lost");
  Found(Invariant::kI5,
        what + ", but counts at " + std::to_string(history_.commits[own->second].position));
}

void Check::Refused(const Operation& operation, const Attempt& attempt) {
  ++counts_.refused;
  const std::string reason = record::ReasonOf(attempt.answer.status);
  if (reason == "REQUEST_ID_REUSED") {
    if (RequestIsUsed(operation, attempt)) return;
  } else if (SomeState(operation, attempt,
                       [&](const Decision& decision) { return decision.reason == reason; })) {
    return;
  }
  Found(Invariant::kI8,
        operation.Describe() + " was refused with " + reason +
            ", which no state that it may have seen explains: " + attempt.answer.status.message());
}

void Check::Answers() {
  size_t floor = 0;
  for (const Moment& moment : world_.timeline()) {
    const Attempt& attempt = *moment.attempt;
    if (!moment.response) {
      floors_[attempt.invoked] = floor;
      continue;
    }
    if (attempt.answer.status.code() != record::kOk || attempt.position >= attempt.log_end)
      continue;
    if (moment.operation->reads) {
      floor = std::max(floor, history_.CommitsBefore(attempt.position + 1));
    } else if (const auto own = CommitBehind(moment)) {
      floor = std::max(floor, *own + 1);
    }
  }
  for (const Moment& moment : world_.timeline()) {
    const Operation& operation = *moment.operation;
    if (!moment.response || operation.reads) continue;
    const int code = moment.attempt->answer.status.code();
    if (code == record::kUnavailable || code == record::kDeadlineExceeded) continue;
    if (code != record::kOk) {
      Refused(operation, *moment.attempt);
    } else if (!operation.validate_only) {
      Acknowledged(operation, *moment.attempt);
    } else if (!SomeState(operation, *moment.attempt,
                          [](const Decision& decision) { return decision.reason.empty(); }) &&
               !RequestIsUsed(operation, *moment.attempt)) {
      Found(Invariant::kI8, operation.Describe() + " would not have been possible");
    }
  }
}

// I4. The floor of an operation's first attempt counts what had been acknowledged or shown.
void Check::Order() {
  for (const auto& [number, commit] : commit_of_) {
    const Operation& operation = *world_.operations()[number];
    if (commit >= floors_.at(operation.attempts.front().invoked)) continue;
    Found(Invariant::kI4, operation.Describe() + " counts before what it had come after");
  }
}

}  // namespace crm::simulation
