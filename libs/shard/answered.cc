#include <algorithm>

#include "crm/record/v1/methods.pb.h"
#include "libs/record/name.h"
#include "libs/record/spans.h"
#include "libs/shard/decide.h"

namespace crm::shard {
namespace {

using record::MethodKind;

struct Happened {
  log::Envelope envelope;
  std::string image;
};

std::vector<Happened> EventsAt(const store::View& view, store::TenantNumber tenant,
                               int64_t position) {
  std::vector<Happened> events;
  for (const log::Stored& message : view.CommitAt(tenant, position)) {
    auto parts = log::SplitBody(*message.body);
    if (!parts) continue;
    Happened event;
    if (!event.envelope.ParseFromArray(parts->envelope.data(),
                                       static_cast<int>(parts->envelope.size())))
      continue;
    auto spans = record::Spans::Read(parts->value);
    if (spans && !spans->all().empty()) event.image = std::string(spans->all().front().payload);
    events.push_back(std::move(event));
  }
  return events;
}

// The record as the commit left it, or as it was then if the commit did not touch it.
std::string ImageAt(const Write& write, const std::vector<Happened>& events,
                    const store::View& view, store::TenantNumber tenant, int64_t position) {
  const std::string name = write.type->collection + "/" + write.id.Text();
  for (auto event = events.rbegin(); event != events.rend(); ++event) {
    if (event->envelope.subject() == name) return event->image;
  }
  auto version = view.VersionAt({tenant, write.type->number, write.id}, position);
  if (!version) return "";
  auto parts = log::SplitBody(*version->body);
  auto spans = parts ? record::Spans::Read(parts->value) : std::nullopt;
  return spans && !spans->all().empty() ? std::string(spans->all().front().payload) : "";
}

}  // namespace

Outcome Answered(const Command& command, const record::Catalogue&, const store::View& view,
                 store::TenantNumber tenant, int64_t position) {
  Outcome outcome;
  outcome.position = position;
  const std::vector<Happened> events = EventsAt(view, tenant, position);
  for (const Happened& event : events) {
    outcome.events.emplace_back(event.envelope.type(), event.envelope.subject());
  }
  if (command.method->kind == MethodKind::kCommand) {
    if (!events.empty()) outcome.response = events.back().envelope.outcome();
    return outcome;
  }
  if (command.method->kind == MethodKind::kDelete) {
    record::v1::DeleteResponse response;
    for (const Happened& event : events) {
      if (event.envelope.type().ends_with(".deleted") ||
          event.envelope.type().ends_with(".deletion_started"))
        response.add_deleted(event.envelope.subject());
    }
    outcome.response = response.SerializeAsString();
    return outcome;
  }
  const bool creates = command.method->kind == MethodKind::kCreate ||
                       command.method->kind == MethodKind::kBatchCreate;
  size_t next = 0;  // the commit's creations are those that were asked for, in order
  for (const Write& write : command.writes) {
    if (!creates) {
      outcome.images.push_back(ImageAt(write, events, view, tenant, position));
      continue;
    }
    while (next < events.size() && events[next].envelope.type() != write.type->EventType("created"))
      ++next;
    outcome.images.push_back(next < events.size() ? events[next++].image : "");
  }
  return outcome;
}

}  // namespace crm::shard
