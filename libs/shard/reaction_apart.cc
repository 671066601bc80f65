#include <algorithm>
#include <utility>

#include "libs/shard/reaction.h"

// The tenants of whom an event was refused: theirs go on apart from the others' (X3).
namespace crm::shard {
namespace {

using event::v1::Reached;

constexpr int kRefusalsMax = 5;
constexpr int64_t kRetryPause = 200'000;  // doubled with each refusal

std::string TextOf(const record::Status& status) {
  const std::string reason = record::ReasonOf(status);
  return reason.empty() ? status.message() : reason + ": " + status.message();
}

}  // namespace

Reaction::Apart& Reaction::AddApart(store::ApartEntry entry, const log::Automaton::State& from) {
  Apart& apart = apart_[entry.tenant];
  apart.reader = std::make_unique<EventReader>(source_, from, entry.tenant, clock_);
  apart.remembered = from.next;
  apart.entry = std::move(entry);
  return apart;
}

void Reaction::SetApart(const EventReader::Item& item, const record::Status& status, int64_t now) {
  Apart& added = AddApart({item.tenant, item.offset - 1, false, TextOf(status)}, together_.done());
  added.refusals = 1;
  added.next_try = now + kRetryPause;
  Note(item.offset - 1, &added.entry);
}

// Only up to where all are: beyond, the tenant's events would be decided a second time with them.
bool Reaction::DecideApart(Apart* apart, int64_t now) {
  const EventReader::Item* item = apart->reader->Next();
  if (item == nullptr || item->offset >= Front()) return false;
  if (IsAheadOfReplicas(item->offset)) return false;
  if (item->offset > apart->entry.offset && Wants(*item)) {
    const OwnOutcome outcome = Decide(*item);
    if (outcome.status.code() != record::kOk) {
      Refused(apart, *item, outcome.status, now);
      return true;
    }
    apart->refusals = 0;
    if (outcome.wrote) apart->entry.offset = item->offset;
  }
  apart->reader->Decided(last_ticket_);
  return true;
}

void Reaction::Refused(Apart* apart, const EventReader::Item& item, const record::Status& status,
                       int64_t now) {
  apart->next_try = now + (kRetryPause << apart->refusals);
  if (++apart->refusals < kRefusalsMax) return;
  apart->entry.parked = true;
  apart->entry.offset = item.offset - 1;
  apart->entry.refusal = TextOf(status);
  Note(apart->entry.offset, &apart->entry);
}

// Not before all have come to where the tenant is, which may be further than what a new owner knows
// of the others: its events would be decided a second time with theirs.
bool Reaction::Rejoin(const Apart& apart) {
  if (apart.entry.offset >= Front() || apart.reader->next_offset() < Front()) return false;
  const std::string tenant = apart.entry.tenant;
  reached_ = Front() - 1;
  unnoted_ = 0;
  Reached reached;
  reached.set_tenant(tenant);
  reached.set_course(Reached::TOGETHER);
  Append(reached_, std::move(reached));
  apart_.erase(tenant);
  store_.PutReading(ReaderName(tenant), {});
  return true;
}

record::Status Reaction::GoOn(const std::string& tenant, bool skip) {
  const auto found = apart_.find(tenant);
  if (found == apart_.end() || !found->second.entry.parked) {
    return record::MakeStatus(
        record::kFailedPrecondition, "NOT_PARKED",
        "The reactor " + reactor_.name + " has nothing parked of " + tenant + ".");
  }
  Apart& apart = found->second;
  apart.entry.parked = false;
  if (skip) ++apart.entry.offset;
  apart.entry.refusal.clear();
  apart.refusals = 0;
  apart.next_try = 0;
  Note(apart.entry.offset, &apart.entry);
  Publish();
  return {};
}

}  // namespace crm::shard
