#include "tests/simulation/history.h"

#include <algorithm>

#include "crm/sales/v1/event.pb.h"
#include "libs/record/check.h"

namespace crm::simulation {
namespace {

struct Parsed {
  log::Envelope envelope;
  sales::v1::Event event;
  bool canonical = false;
};

Parsed Parse(const std::string& body) {
  Parsed parsed;
  const auto parts = log::SplitBody(body);
  CRM_CHECK(
      parts &&
      parsed.envelope.ParseFromArray(parts->envelope.data(),
                                     static_cast<int>(parts->envelope.size())) &&
      parsed.event.ParseFromArray(parts->value.data(), static_cast<int>(parts->value.size())));
  parsed.canonical = parsed.event.SerializeAsString() == parts->value;
  return parsed;
}

HistoryEvent EventOf(const log::Stored& message, Findings* findings) {
  Parsed parsed = Parse(*message.body);
  HistoryEvent event;
  event.offset = message.offset;
  event.name = parsed.envelope.subject();
  event.what = parsed.envelope.type().substr(parsed.envelope.type().rfind('.') + 1);
  if (parsed.event.has_lead()) event.image = parsed.event.lead().SerializeAsString();
  if (parsed.event.has_note()) event.image = parsed.event.note().SerializeAsString();
  if (parsed.event.has_task()) event.image = parsed.event.task().SerializeAsString();
  if (!parsed.canonical) findings->Add(Invariant::kI3, event.name + " is not canonical in the log");
  event.envelope = std::move(parsed.envelope);
  return event;
}

std::optional<size_t> OperationOf(const std::string& trace) {
  const size_t dash = trace.rfind('-');
  if (dash == std::string::npos) return std::nullopt;
  return std::stoul(trace.substr(dash + 1));
}

}  // namespace

History History::Read(const log::SimulatedLog& log, log::Mutations mutations, Findings* findings) {
  History history;
  log::Automaton automaton({}, mutations);
  for (size_t at = 0; at < log.size(0); ++at) {
    const auto offset = static_cast<int64_t>(at);
    std::optional<log::Commit> complete;
    const log::Stored message{offset, std::make_shared<const std::string>(log.body(0, offset))};
    if (automaton.Feed(message, &complete) == log::Verdict::kImpossible) {
      findings->Add(Invariant::kStopped, "reading anew: " + automaton.trouble());
      break;
    }
    if (!complete) continue;
    HistoryCommit commit;
    commit.position = complete->position();
    for (const log::Stored& event : complete->events) {
      commit.events.push_back(EventOf(event, findings));
    }
    commit.operation = OperationOf(commit.events.front().envelope.traceparent());
    history.commits.push_back(std::move(commit));
    history.raw.push_back(std::move(*complete));
  }
  history.state = automaton.state();
  return history;
}

size_t History::CommitsBefore(int64_t offset) const {
  auto beyond = std::partition_point(
      commits.begin(), commits.end(),
      [offset](const HistoryCommit& commit) { return commit.position < offset; });
  return static_cast<size_t>(beyond - commits.begin());
}

std::vector<int64_t> ReferencePositions(const log::SimulatedLog& log) {
  std::vector<int64_t> positions;
  uint64_t claim = 0, id = 0, next = 1;
  bool ended = true;
  for (size_t at = 0; at < log.size(0); ++at) {
    const Parsed message = Parse(log.body(0, static_cast<int64_t>(at)));
    const log::Envelope& envelope = message.envelope;
    if (message.event.has_claim()) {
      if (envelope.claim() != claim + 1) continue;
      claim = envelope.claim();
      id = envelope.claim_id();
      next = 1;
      ended = false;
      continue;
    }
    if (ended || envelope.claim() != claim || envelope.claim_id() != id || envelope.seq() < next) {
      continue;
    }
    ended = envelope.seq() > next || message.event.has_released();
    if (ended) continue;
    ++next;
    // Sequences are dense, so the last event of a commit counts only if all of it does.
    if (envelope.commit_count() > 0 && envelope.commit_index() == envelope.commit_count()) {
      positions.push_back(static_cast<int64_t>(at));
    }
  }
  return positions;
}

std::string Lines(const log::SimulatedLog& log, log::Mutations mutations) {
  static constexpr const char* kVerdicts[] = {"counts",    "claim",   "released",
                                              "void",      "deposed", "after end",
                                              "duplicate", "hole",    "impossible"};
  std::string lines;
  log::Automaton automaton({}, mutations);
  for (size_t at = 0; at < log.size(0); ++at) {
    const auto offset = static_cast<int64_t>(at);
    std::optional<log::Commit> complete;
    const log::Verdict verdict = automaton.Feed(
        {offset, std::make_shared<const std::string>(log.body(0, offset))}, &complete);
    const log::Envelope envelope = Parse(log.body(0, offset)).envelope;
    lines += std::to_string(offset) + " " + kVerdicts[static_cast<size_t>(verdict)] + ": claim " +
             std::to_string(envelope.claim()) + "." + std::to_string(envelope.claim_id() % 1000) +
             " seq " + std::to_string(envelope.seq()) + " " + envelope.type() + " " +
             envelope.subject() + " " + std::to_string(envelope.commit_index()) + "/" +
             std::to_string(envelope.commit_count()) + " " + envelope.traceparent() + "\n";
  }
  return lines;
}

}  // namespace crm::simulation
