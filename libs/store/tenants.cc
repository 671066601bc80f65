#include "libs/store/tenants.h"

#include <algorithm>

#include "libs/store/key.h"

namespace crm::store {
namespace {

// How the importer's commands name their client: they may set a tenant's clock until another
// client has been there.
constexpr std::string_view kImporter = "import";

}  // namespace

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
  if (event.client != kImporter) row.entry.loading = false;
  return row.entry.number;
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
