#include "libs/shard/overlay.h"

#include <algorithm>

#include "libs/store/event.h"

namespace crm::shard {
namespace {

std::string Joined(std::string_view tenant, std::string_view rest) {
  std::string key(tenant);
  key.push_back('\0');
  key.append(rest);
  return key;
}

}  // namespace

store::TenantNumber Overlay::Slot(std::string_view tenant) {
  auto next = static_cast<store::TenantNumber>(slots_.size());
  return slots_.try_emplace(std::string(tenant), next).first->second;
}

const std::string* Overlay::Find(const store::RecordKey& key) const {
  auto found = records_.find(key);
  return found == records_.end() ? nullptr : found->second.image.get();
}

void Overlay::Adjust(const IndexKey& key, std::set<record::Uuid>* ids) const {
  auto found = indexes_.find(key);
  if (found == indexes_.end()) return;
  const IndexChanges& changes = found->second;
  for (size_t i = changes.gone; i < changes.all.size(); ++i) {
    if (changes.all[i].entered) {
      ids->insert(changes.all[i].id);
    } else {
      ids->erase(changes.all[i].id);
    }
  }
}

bool Overlay::HasLeft(const WakeKey& key) const {
  auto found = wakes_.find(key);
  return found != wakes_.end() && !found->second.entered;
}

std::vector<WakeKey> Overlay::Entered(store::TenantNumber tenant, int64_t until_us) const {
  std::vector<WakeKey> keys;
  for (auto at = wakes_.lower_bound({tenant, INT64_MIN, 0, 0, {}});
       at != wakes_.end() && at->first.tenant == tenant && at->first.due_us <= until_us; ++at) {
    if (at->second.entered) keys.push_back(at->first);
  }
  return keys;
}

const DecidedRequest* Overlay::FindRequest(std::string_view tenant,
                                           std::string_view request) const {
  if (requests_.empty()) return nullptr;
  auto found = requests_.find(Joined(tenant, request));
  return found == requests_.end() ? nullptr : &found->second;
}

uint64_t Overlay::Outbox(std::string_view tenant, std::string_view source) const {
  auto found = outboxes_.find(Joined(tenant, source));
  return found == outboxes_.end() ? 0 : found->second.first;
}

int64_t Overlay::TenantTime(std::string_view tenant) const {
  auto found = clocks_.find(std::string(tenant));
  return found == clocks_.end() ? 0 : found->second.time_us;
}

bool Overlay::Interactive(std::string_view tenant) const {
  auto found = clocks_.find(std::string(tenant));
  return found != clocks_.end() && found->second.interactive;
}

void Overlay::Add(uint64_t ticket, const std::vector<Staged>& staged, const Command& command,
                  int64_t time_us) {
  Undo undo;
  undo.ticket = ticket;
  undo.tenant = command.principal.tenant;
  for (const Staged& record : staged) {
    records_[record.key] = {record.image, ticket};
    undo.records.push_back(record.key);
    for (const IndexKey& key : record.left) AddChange(key, {record.key.id, false}, &undo);
    for (const IndexKey& key : record.entered) AddChange(key, {record.key.id, true}, &undo);
    for (const WakeKey& key : record.wakes_left) wakes_[key] = {false, ticket};
    for (const WakeKey& key : record.wakes_entered) wakes_[key] = {true, ticket};
    undo.wakes.insert(undo.wakes.end(), record.wakes_left.begin(), record.wakes_left.end());
    undo.wakes.insert(undo.wakes.end(), record.wakes_entered.begin(), record.wakes_entered.end());
  }
  if (!command.request_id.empty()) {
    undo.request = Joined(undo.tenant, command.request_id);
    requests_[undo.request] = {command.request_hash, ticket};
  }
  if (!command.outbox_source.empty()) {
    undo.outbox = Joined(undo.tenant, command.outbox_source);
    outboxes_[undo.outbox] = {command.outbox_number, ticket};
  }
  TenantClock& clock = clocks_[undo.tenant];
  clock.time_us = std::max(clock.time_us, time_us);
  clock.interactive = clock.interactive || store::IsInteractive(command.principal.client);
  clock.ticket = ticket;
  undo_.push_back(std::move(undo));
}

void Overlay::AddChange(const IndexKey& key, const IndexChange& change, Undo* undo) {
  const auto of = indexes_.try_emplace(key).first;
  of->second.all.push_back(change);
  undo->indexes.push_back(of);
}

// The oldest one, for commits are dropped in the order in which they were added.
void Overlay::DropChange(Indexes::iterator of) {
  constexpr size_t kMostGone = 64;
  IndexChanges& changes = of->second;
  if (++changes.gone == changes.all.size()) {
    indexes_.erase(of);
  } else if (changes.gone >= kMostGone && changes.gone > changes.all.size() / 2) {
    changes.all.erase(changes.all.begin(),
                      changes.all.begin() + static_cast<ptrdiff_t>(changes.gone));
    changes.gone = 0;
  }
}

void Overlay::Drop(uint64_t confirmed) {
  for (; !undo_.empty() && undo_.front().ticket <= confirmed; undo_.pop_front()) {
    const Undo& undo = undo_.front();
    for (const store::RecordKey& key : undo.records) {
      auto found = records_.find(key);
      if (found != records_.end() && found->second.ticket <= confirmed) records_.erase(found);
    }
    for (const Indexes::iterator of : undo.indexes) DropChange(of);
    for (const WakeKey& key : undo.wakes) {
      auto found = wakes_.find(key);
      if (found != wakes_.end() && found->second.ticket <= confirmed) wakes_.erase(found);
    }
    auto request = requests_.find(undo.request);
    if (request != requests_.end() && request->second.ticket <= confirmed) requests_.erase(request);
    auto outbox = outboxes_.find(undo.outbox);
    if (outbox != outboxes_.end() && outbox->second.second <= confirmed) outboxes_.erase(outbox);
    auto clock = clocks_.find(undo.tenant);
    if (clock != clocks_.end() && clock->second.ticket <= confirmed) clocks_.erase(clock);
  }
}

void Overlay::Clear() {
  records_.clear();
  indexes_.clear();
  wakes_.clear();
  requests_.clear();
  outboxes_.clear();
  clocks_.clear();
  undo_.clear();
}

}  // namespace crm::shard
