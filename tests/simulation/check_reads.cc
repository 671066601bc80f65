#include <algorithm>

#include "crm/sales/v1/lead.pb.h"
#include "libs/query/position.h"
#include "tests/simulation/check.h"

// What readers, watchers and standbys were shown, against the states of the log.
namespace crm::simulation {
namespace {

std::string NameIn(const Operation& operation) {
  record::v1::GetRequest request;
  request.ParseFromString(operation.request);
  return request.name();
}

bool IsGet(const Operation& operation) {
  return operation.reads && operation.method().starts_with("Get");
}

bool IsAnswer(const Attempt& attempt) {
  const int code = attempt.answer.status.code();
  return code == record::kOk || code == record::kNotFound;
}

using Key = std::pair<std::string, std::string>;  // tenant and name

// Which version of each record anybody has been told of so far.
struct Told {
  struct Version {
    size_t commits = 0;
    std::string image;  // empty: not there, as every record is at first
  };

  void Written(const HistoryCommit& commit, size_t commits) {
    for (const HistoryEvent& event : commit.events) {
      const Key key{event.envelope.tenant(), event.name};
      const auto& all = versions[key];
      for (size_t v = 0; v < all.size(); ++v) {
        if (all[v].commits == commits) newest[key] = std::max(newest[key], v);
      }
    }
  }
  void Asked(const Key& key, const Attempt* attempt) { lowest[attempt] = newest[key]; }
  // False if there is no version that may be shown by then.
  bool Read(const Key& key, const Attempt& attempt, size_t commits) {
    const auto& all = versions[key];
    if (all.empty()) return attempt.answer.body.empty();
    for (size_t v = lowest[&attempt]; v < all.size() && all[v].commits <= commits; ++v) {
      if (all[v].image != attempt.answer.body) continue;
      newest[key] = std::max(newest[key], v);
      return true;
    }
    return false;
  }

  std::map<Key, std::vector<Version>> versions;
  std::map<Key, size_t> newest;
  std::map<const Attempt*, size_t> lowest;  // that an attempt may show
};

}  // namespace

void Check::ReadShows(const Operation& operation, const Attempt& attempt) {
  const std::string what =
      operation.Describe() + " (" + NameIn(operation) + ") at " + std::to_string(attempt.position);
  const size_t commits = history_.CommitsBefore(attempt.position + 1);
  if (commits < Floor(operation, attempt)) {
    Found(Invariant::kI8, what + " did not see what had been acknowledged or shown before");
  }
  if (auto wanted = query::Position::Decode(operation.min_position);
      wanted && wanted->offset > attempt.position) {
    Found(Invariant::kI8, what + " did not wait for its position");
  }
  if (IsGet(operation)) {
    const Record* record = At(commits, operation.tenant, NameIn(operation));
    if (record == nullptr || record->deleted || record->image != attempt.answer.body) {
      Found(Invariant::kI6, what + " showed what was not there");
    }
    return;
  }
  sales::v1::ListLeadsResponse list;
  list.ParseFromString(attempt.answer.body);
  std::map<std::string, std::string> shown, expected;
  for (const auto& lead : list.leads()) shown[lead.name()] = lead.SerializeAsString();
  for (const auto& [key, record] : states_[commits]) {
    if (key.first == operation.tenant && !record->deleted && key.second.starts_with("leads/")) {
      expected[key.second] = record->image;
    }
  }
  if (shown != expected) Found(Invariant::kI6, what + " listed what was not there");
}

void Check::Reads() {
  for (const Moment& moment : world_.timeline()) {
    if (!moment.response || !moment.operation->reads || !IsAnswer(*moment.attempt)) continue;
    ++counts_.reads;
    if (moment.attempt->answer.status.code() == record::kOk) {
      ReadShows(*moment.operation, *moment.attempt);
    }
  }
}

// I8, record by record: reads and writes of one record in the order of their positions must agree
// with the order in which they ended and began. An answer that fits several versions counts as the
// oldest one that is allowed.
void Check::Linearizable() {
  Told told;
  for (size_t i = 0; i < history_.commits.size(); ++i) {
    for (const HistoryEvent& event : history_.commits[i].events) {
      auto& all = told.versions[{event.envelope.tenant(), event.name}];
      if (all.empty()) all.push_back({0, ""});
      all.push_back({i + 1, event.image});
    }
  }
  for (const Moment& moment : world_.timeline()) {
    const Operation& operation = *moment.operation;
    if (!operation.reads) {
      if (const auto own = CommitBehind(moment)) told.Written(history_.commits[*own], *own + 1);
    } else if (IsGet(operation) && (operation.confirmed || !world_.plan().clocks_stop())) {
      const Key key{operation.tenant, NameIn(operation)};
      if (!moment.response) {
        told.Asked(key, moment.attempt);
      } else if (IsAnswer(*moment.attempt) &&
                 !told.Read(key, *moment.attempt,
                            history_.CommitsBefore(moment.attempt->log_end))) {
        Found(Invariant::kI8, operation.Describe() + " of " + key.second + " showed version '" +
                                  std::to_string(EtagOf(key.second, moment.attempt->answer.body)) +
                                  "' (0: none), older than what had been told before");
      }
    }
  }
}

void Check::Watched() {
  for (const auto& watcher : world_.watchers()) {
    size_t at = 0;
    for (const HistoryCommit& commit : history_.commits) {
      for (const HistoryEvent& event : commit.events) {
        if (event.envelope.tenant() != watcher->tenant() || !event.name.starts_with("leads/")) {
          continue;
        }
        if (at == watcher->seen().size()) break;
        const Seen& seen = watcher->seen()[at++];
        const auto position = query::Position::Decode(seen.position);
        if (!position || position->offset != event.offset || seen.name != event.name ||
            seen.event != event.envelope.type() || seen.image != event.image) {
          return Found(Invariant::kI6, "a watcher was sent " + seen.event + " " + seen.name +
                                           " instead of what is at " +
                                           std::to_string(event.offset));
        }
      }
    }
    counts_.changes += at;
    if (at < watcher->seen().size()) {
      Found(Invariant::kI6, "a watcher was sent more changes than there were");
    }
  }
}

void Check::Peeked() {
  for (const Peek& peek : world_.peeks()) {
    ++counts_.peeks;
    const size_t commits = history_.CommitsBefore(peek.applied);
    const std::string where =
        "process " + std::to_string(peek.process) + " had at " + std::to_string(peek.applied) + " ";
    std::vector<int64_t> changes;
    for (size_t i = 0; i < commits; ++i) {
      for (const HistoryEvent& event : history_.commits[i].events) {
        if (event.envelope.tenant() == peek.tenant) changes.push_back(event.offset);
      }
    }
    if (changes != peek.changes) Found(Invariant::kI6, where + "other changes than the log has");
    for (const auto& [name, image] : peek.images) {
      const Record* record = At(commits, peek.tenant, name);
      const bool same =
          record == nullptr ? !image : image && *image == (record->deleted ? "" : record->image);
      if (!same) Found(Invariant::kI6, where + "another image of " + name);
    }
  }
}

}  // namespace crm::simulation
