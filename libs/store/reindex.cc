#include "libs/store/reindex.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "libs/record/check.h"
#include "libs/record/key.h"
#include "libs/store/event.h"
#include "libs/store/index_key.h"
#include "libs/store/key.h"

namespace crm::store {
namespace {

constexpr int64_t kEventsAtATime = 200;

int64_t NowUs() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
}

std::string TypePrefix(TenantNumber tenant, uint16_t type) {
  std::string prefix;
  AppendTypePrefix(tenant, type, &prefix);
  return prefix;
}

TenantNumber TenantsOf(const Tables& tables) {
  TenantNumber count = 0;
  const std::unique_ptr<rocksdb::Iterator> it(tables.db().NewIterator({}, tables[Table::kMeta]));
  for (it->Seek(kTenantPrefix); it->Valid() && it->key().starts_with(kTenantPrefix); it->Next()) {
    ++count;
  }
  tables.Check(it->status(), "reading tenants");
  return count;
}

rocksdb::ReadOptions AllRows() {
  rocksdb::ReadOptions options;
  options.total_order_seek = true;
  options.fill_cache = false;
  return options;
}

}  // namespace

Reindex::Reindex(const record::Catalogue& catalogue, std::shared_ptr<const Tables> tables,
                 Layout* layout, Places* places)
    : tables_(std::move(tables)), layout_(*layout), places_(*places) {
  for (const auto* type : catalogue.Types()) {
    for (const auto& index : type->indexes) {
      auto& place = places_.At(type->number, index.number);
      if (!place.building) continue;
      const auto status =
          tables_->db().Get({}, (*tables_)[Table::kMeta], BuildingKey(type->number, place.number),
                            &place.built_up_to);
      if (!status.IsNotFound()) tables_->Check(status, "reading how far an index is");
      works_.push_back({type, &index, type->collection + '/' + index.name});
    }
  }
}

void Reindex::Count() {
  if (done()) return;
  const Work& work = works_[at_];
  const auto reached = places_.Find(work.type->number, work.index->number).built_up_to;
  events_ = 0;
  since_us_ = NowUs();
  int64_t count = 0;
  const std::unique_ptr<rocksdb::Iterator> it(
      tables_->db().NewIterator(AllRows(), (*tables_)[Table::kChange]));
  for (it->SeekToFirst(); it->Valid(); it->Next()) {
    const auto change = DecodeChange(0, it->value().ToStringView());
    if (change.type != work.type->number) continue;
    std::string key;
    AppendRecordKey({ReadNumber<TenantNumber>(it->key().ToStringView()), change.type, change.id},
                    &key);
    if (key >= reached) ++count;
  }
  tables_->Check(it->status(), "counting changes");
  total_ = count;
}

std::vector<Store::Building> Reindex::progress() const {
  const size_t at = at_;
  if (at == works_.size()) return {};
  const double seconds = static_cast<double>(NowUs() - since_us_) / 1e6;
  std::vector<Store::Building> building;
  building.push_back({works_[at].name, {0, events_, total_, seconds}});
  for (size_t i = at + 1; i < works_.size(); ++i) building.push_back({works_[i].name, {}});
  return building;
}

bool Reindex::Step() {
  CRM_CHECK(!done());
  const Work& work = works_[at_];
  auto& place = places_.At(work.type->number, work.index->number);
  const std::unique_ptr<rocksdb::Iterator> it(
      tables_->db().NewIterator(AllRows(), (*tables_)[Table::kHistory]));
  rocksdb::WriteBatch batch;
  bool more = true;
  for (int64_t read = 0; read < kEventsAtATime;) {
    more = Find(work, it.get());
    if (!more) break;
    const auto record_key = std::string(it->key().ToStringView().substr(0, kRecordKeySize));
    const int64_t events = Fold(work, it.get(), &batch);
    read += events;
    events_ += events;
    place.built_up_to = record::PrefixEnd(record_key);
  }
  auto* meta = (*tables_)[Table::kMeta];
  const auto key = BuildingKey(work.type->number, place.number);
  if (more) {
    tables_->Check(batch.Put(meta, key, place.built_up_to), "building an index");
  } else {
    Complete(work, &batch);
  }
  tables_->Write(&batch);
  return !more;
}

bool Reindex::Find(const Work& work, rocksdb::Iterator* it) const {
  const auto& reached = places_.Find(work.type->number, work.index->number).built_up_to;
  TenantNumber tenant = reached.empty() ? 1 : ReadNumber<TenantNumber>(reached);
  const TenantNumber last = TenantsOf(*tables_);
  for (; tenant <= last; ++tenant) {
    const auto prefix = TypePrefix(tenant, work.type->number);
    it->Seek(std::max(prefix, reached));
    tables_->Check(it->status(), "reading the history");
    if (it->Valid() && it->key().starts_with(prefix)) return true;
  }
  return false;
}

int64_t Reindex::CommitOf(TenantNumber tenant, int64_t offset) const {
  std::string value;
  tables_->Check(
      tables_->db().Get({}, (*tables_)[Table::kChange], ChangeKey(tenant, offset), &value),
      "reading a change");
  return DecodeChange(offset, value).commit;
}

int64_t Reindex::Fold(const Work& work, rocksdb::Iterator* it, rocksdb::WriteBatch* batch) {
  const auto record_key = std::string(it->key().ToStringView().substr(0, kRecordKeySize));
  const RecordKey key{ReadNumber<TenantNumber>(record_key), work.type->number,
                      ReadId(std::string_view(record_key).substr(kTypePrefixSize))};
  const auto& place = places_.Find(work.type->number, work.index->number);
  std::string now;
  std::string next;
  std::string past;
  int64_t since = 0;
  int64_t events = 0;
  for (; it->Valid() && it->key().starts_with(record_key); it->Next(), ++events) {
    const auto facts = ReadEvent(it->value().ToStringView());
    const auto image = facts ? ImageIn(facts->value, key.type) : std::nullopt;
    CRM_CHECK(image);  // or it would not be there
    BuildIndexKey(key, *work.index, place.number, SpansOf(*image), &next);
    if (next == now) continue;
    const int64_t position =
        CommitOf(key.tenant, ReadNumber<int64_t>(it->key().ToStringView().substr(kRecordKeySize)));
    if (work.index->past && !now.empty() && since != position) {
      BuildPastKey(now, since, position, &past);
      tables_->Check(batch->Put((*tables_)[Table::kIndexPast], past, NumberValue(since)),
                     "building an index");
    }
    now.swap(next);
    since = position;
  }
  tables_->Check(it->status(), "reading the history");
  if (!now.empty()) {
    tables_->Check(batch->Put((*tables_)[Table::kIndex], now, NumberValue(since)),
                   "building an index");
  }
  return events;
}

void Reindex::Complete(const Work& work, rocksdb::WriteBatch* batch) {
  auto& place = places_.At(work.type->number, work.index->number);
  place.building = false;
  for (auto& part : layout_.parts) {
    if (part.type == work.type->number && part.number == place.number) part.building = false;
  }
  auto* meta = (*tables_)[Table::kMeta];
  tables_->Check(batch->Put(meta, kLayoutKey, layout_.Encode()), "building an index");
  tables_->Check(batch->Delete(meta, BuildingKey(work.type->number, place.number)),
                 "building an index");
}

}  // namespace crm::store
