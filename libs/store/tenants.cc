#include "libs/store/tenants.h"

#include <algorithm>

#include "libs/store/key.h"

namespace crm::store {

Tenants::Tenants(const Tables& tables) {
  const std::unique_ptr<rocksdb::Iterator> it(tables.db().NewIterator({}, tables[Table::kMeta]));
  for (it->Seek(kTenantPrefix); it->Valid() && it->key().starts_with(kTenantPrefix); it->Next()) {
    auto name = it->key();
    name.remove_prefix(kTenantPrefix.size());
    rows_[name.ToString()].entry = DecodeTenant(it->value().ToStringView());
  }
  tables.Check(it->status(), "reading tenants");
}

Tenants::Row& Tenants::At(std::string_view tenant) {
  if (last_ == rows_.end() || last_->first != tenant) last_ = rows_.find(tenant);
  if (last_ == rows_.end()) {
    last_ = rows_.emplace(tenant, Row{}).first;
    last_->second.entry.number = static_cast<TenantNumber>(rows_.size());
    last_->second.changed = true;
  }
  return last_->second;
}

TenantNumber Tenants::Meet(const EventFacts& event) {
  Row& row = At(event.tenant);
  row.changed = true;
  row.entry.time_us = std::max(row.entry.time_us, event.time_us);
  if (EndsLoading(event)) row.entry.loading = false;
  return row.entry.number;
}

void Tenants::Park(std::string_view tenant) {
  EventFacts event;
  event.tenant = tenant;
  event.client = kImportClient;
  Meet(event);
  last_->second.entry.parked = true;
}

bool Tenants::Parked(std::string_view tenant) const {
  const auto found = rows_.find(tenant);
  return found != rows_.end() && found->second.entry.parked;
}

uint64_t Tenants::parked() const {
  return static_cast<uint64_t>(std::count_if(
      rows_.begin(), rows_.end(), [](const auto& row) { return row.second.entry.parked; }));
}

void Tenants::NoteCascade(TenantNumber tenant) {
  for (auto& [name, row] : rows_) {
    if (row.entry.number == tenant) row.entry.cascades = true;
  }
}

void Tenants::AddTo(SortedBatch* batch) {
  for (const auto& [key, value] : TakeChanged()) batch->Put(Table::kMeta, key, value);
}

std::vector<std::pair<std::string, std::string>> Tenants::TakeChanged() {
  std::vector<std::pair<std::string, std::string>> changed;
  for (auto& [name, row] : rows_) {
    if (!row.changed) continue;
    changed.emplace_back(TenantKey(name), EncodeTenant(row.entry));
    row.changed = false;
  }
  return changed;
}

}  // namespace crm::store
