#include "libs/shard/reaction.h"

#include <algorithm>
#include <utility>

#include "libs/log/cause.h"
#include "libs/record/check.h"
#include "libs/record/wire.h"
#include "libs/store/event.h"

namespace crm::shard {
namespace {

using event::v1::Reached;

constexpr int kNoteAfterCauses = 1'000;  // X2
constexpr int64_t kNoteAfter = 10'000'000;
constexpr int64_t kRememberEvery = 1'000'000;

SourceEvent EventOf(const log::Stored& message, std::string cause) {
  SourceEvent event;
  const auto parts = log::SplitBody(*message.body);
  log::Envelope envelope;
  CRM_CHECK(parts && envelope.ParseFromArray(parts->envelope.data(),
                                             static_cast<int>(parts->envelope.size())));
  event.cause = std::move(cause);
  event.tenant = envelope.tenant();
  event.type = envelope.type();
  event.name = envelope.subject();
  event.actor = envelope.actor();
  event.traceparent = envelope.traceparent();
  event.time = envelope.time_us();
  record::WireReader reader(parts->value);
  if (reader.Next()) event.image = std::string(reader.payload());
  return event;
}

}  // namespace

Reaction::Reaction(const Reactor& reactor, const Source& source, store::Store& store,
                   const record::Clock& clock, Deciding deciding, Mutations mutations)
    : reactor_(reactor),
      source_(source),
      store_(store),
      clock_(clock),
      deciding_(std::move(deciding)),
      mutations_(mutations),
      together_(source, store.latest().Reading(ReaderName("")), "", clock),
      remembered_(together_.done().next) {}

std::string Reaction::ReaderName(const std::string& tenant) const {
  return reactor_.name + "/" + source_.service + "/" + std::to_string(source_.partition) + "/" +
         tenant;
}

std::string Reaction::CauseAt(int64_t offset) const {
  return log::Cause{source_.service, source_.partition, offset}.Text();
}

int64_t Reaction::PositionInLog() const {
  if (mutations_.Has(Mutation::kNoReachedLookup)) return -1;
  return store_.latest().Reached(reactor_.name, source_.service, source_.partition);
}

bool Reaction::Step(uint64_t confirmed) {
  const int64_t now = clock_.Boottime();
  bool worked = together_.Step(now);
  together_.Confirm(confirmed);
  if (!owner_) SkipWhatIsDone();
  for (auto& [tenant, apart] : apart_) {
    if (owner_ && !apart.entry.parked) worked |= apart.reader->Step(now);
    apart.reader->Confirm(confirmed);
  }
  if (now >= next_remember_) Remember(now);
  if (worked) Publish();
  return worked;
}

void Reaction::SkipWhatIsDone() {
  if (!together_.Next()) return;
  const int64_t reached = PositionInLog();
  while (together_.Next() && together_.Next()->offset <= reached) together_.Decided(0);
}

void Reaction::Remember(int64_t now) {
  next_remember_ = now + kRememberEvery;
  if (together_.done().next != remembered_) {
    remembered_ = together_.done().next;
    store_.PutReading(ReaderName(""), together_.done());
  }
  for (auto& [tenant, apart] : apart_) {
    if (apart.reader->done().next == apart.remembered) continue;
    apart.remembered = apart.reader->done().next;
    store_.PutReading(ReaderName(tenant), apart.reader->done());
  }
}

void Reaction::Begin(bool owner) {
  owner_ = owner;
  together_.Rewind();
  unnoted_ = 0;
  last_ticket_ = 0;
  reached_ = PositionInLog();
  apart_.clear();
  const store::View& view = store_.latest();
  for (auto& entry : view.Apart(reactor_.name, source_.service, source_.partition)) {
    const std::string tenant = entry.tenant;
    AddApart(std::move(entry), view.Reading(ReaderName(tenant)));
  }
  Publish();
}

// Where records of the source are kept as well, an event's own record comes first: else it would be
// refused to refer to it.
bool Reaction::IsAheadOfReplicas(int64_t offset) const {
  const auto replicas = store_.latest().Replicated(source_.service, source_.partition);
  return replicas.log_id != 0 && offset >= replicas.next;
}

bool Reaction::DecideOne() {
  const int64_t now = clock_.Boottime();
  bool worked = DecideTogether(now);
  for (auto at = apart_.begin(); at != apart_.end();) {
    auto& apart = (at++)->second;
    if (apart.entry.parked || now < apart.next_try) continue;
    worked |= Rejoin(apart) || DecideApart(&apart, now);
  }
  worked |= NoteIfDue(now);
  if (worked) Publish();
  return worked;
}

bool Reaction::Wants(const EventReader::Item& item) const {
  if (reactor_.types.empty()) return true;
  const auto facts = store::ReadEvent(*item.body);
  return std::find(reactor_.types.begin(), reactor_.types.end(), facts->type) !=
         reactor_.types.end();
}

OwnOutcome Reaction::Decide(const EventReader::Item& item) {
  const SourceEvent event = EventOf({item.offset, item.body}, CauseAt(item.offset));
  Command command;
  command.principal.tenant = event.tenant;
  command.principal.user = "system";
  command.principal.on_behalf_of = event.actor == "system" ? "" : event.actor;
  command.principal.client = std::string(store::kReactorClient) + reactor_.name;
  command.cause = event.cause;
  command.event = reactor_.event;
  command.event_time_us = event.time;
  command.traceparent = event.traceparent;
  if (mutations_.Has(Mutation::kNoReachedLookup)) command.request_id = event.cause;
  command.run = [&](Transaction& tx) {
    const auto refusal = reactor_.function(event, tx);
    return refusal ? tx.StatusOf(*refusal) : record::Status();
  };
  OwnOutcome outcome = deciding_.decide(std::move(command));
  last_ticket_ = std::max(last_ticket_, outcome.ticket);
  const std::lock_guard lock(mutex_);
  facts_.commits += outcome.wrote ? 1 : 0;
  facts_.refused += outcome.status.code() == record::kOk ? 0 : 1;
  return outcome;
}

// Everything before it is done of the tenants that go together. After a start, that is more than
// what was read again.
int64_t Reaction::Front() const { return std::max(together_.next_offset(), reached_ + 1); }

bool Reaction::DecideTogether(int64_t now) {
  const EventReader::Item* item = together_.Next();
  if (item == nullptr || IsAheadOfReplicas(item->offset)) return false;
  if (item->offset > reached_) {
    OwnOutcome outcome;
    const bool apart = apart_.contains(item->tenant);
    if (!apart && Wants(*item)) outcome = Decide(*item);
    if (outcome.status.code() != record::kOk) {
      SetApart(*item, outcome.status, now);
    }
    if (outcome.wrote) {
      reached_ = item->offset;
      unnoted_ = 0;
    } else if (unnoted_++ == 0) {
      unnoted_since_ = now;
    }
  }
  together_.Decided(last_ticket_);
  return true;
}

bool Reaction::NoteIfDue(int64_t now) {
  if (unnoted_ == 0) return false;
  if (unnoted_ < kNoteAfterCauses && now < unnoted_since_ + kNoteAfter) return false;
  reached_ = together_.next_offset() - 1;
  unnoted_ = 0;
  Append(reached_, {});
  return true;
}

void Reaction::Note(int64_t offset, const store::ApartEntry* apart) {
  Reached reached;
  reached.set_tenant(apart->tenant);
  reached.set_course(apart->parked ? Reached::PARKED : Reached::APART);
  reached.set_refusal(apart->refusal);
  Append(offset, std::move(reached));
}

void Reaction::Append(int64_t offset, Reached reached) {
  reached.set_reactor(reactor_.name);
  reached.set_cause(CauseAt(offset));
  last_ticket_ = std::max(last_ticket_, deciding_.note(reached));
}

int64_t Reaction::next_deadline() const {
  const int64_t now = clock_.Boottime();
  int64_t next = together_.next_step();
  if (!owner_) return next;
  if (unnoted_ > 0) next = std::min(next, unnoted_since_ + kNoteAfter);
  for (const auto& [tenant, apart] : apart_) {
    if (apart.entry.parked) continue;
    next = std::min(next, apart.reader->next_step());
    if (apart.next_try > now) next = std::min(next, apart.next_try);
  }
  return next;
}

std::string Reaction::trouble() const {
  if (!together_.trouble().empty()) return together_.trouble();
  for (const auto& [tenant, apart] : apart_) {
    if (!apart.reader->trouble().empty()) return apart.reader->trouble();
  }
  return "";
}

void Reaction::Publish() {
  const std::lock_guard lock(mutex_);
  facts_.reactor = reactor_.name;
  facts_.source = source_.service;
  facts_.partition = source_.partition;
  facts_.position = together_.next_offset() - 1;
  facts_.parked.clear();
  for (const auto& [tenant, apart] : apart_) {
    if (!apart.entry.parked) continue;
    facts_.parked.push_back({tenant, CauseAt(apart.entry.offset + 1), apart.entry.refusal});
  }
}

Reaction::Facts Reaction::facts() const {
  const std::lock_guard lock(mutex_);
  return facts_;
}

}  // namespace crm::shard
