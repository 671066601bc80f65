#include "libs/store/read_view.h"

#include <algorithm>
#include <utility>

#include "libs/record/check.h"
#include "libs/record/key.h"
#include "libs/store/key.h"
#include "libs/store/scan.h"
#include "libs/store/verify.h"

namespace crm::store {
namespace {

log::Stored HistoryRow(const Rows& rows) {
  return {ReadNumber<int64_t>(rows.key().substr(kRecordKeySize)),
          std::make_shared<const std::string>(rows.value())};
}

Change ChangeRow(const Rows& rows) {
  return DecodeChange(ReadNumber<int64_t>(rows.key().substr(sizeof(TenantNumber))), rows.value());
}

// The first offset behind a position; none is behind the last.
int64_t Behind(int64_t position) { return position == INT64_MAX ? position : position + 1; }

}  // namespace

ReadView::ReadView(std::shared_ptr<const Moment> moment, const record::Catalogue& catalogue,
                   std::string service, std::shared_ptr<const Places> places, ReadRows* read)
    : moment_(std::move(moment)),
      catalogue_(catalogue),
      service_(std::move(service)),
      places_(std::move(places)),
      read_(read) {}

log::Automaton::State ReadView::StateAt(const std::string& key) const {
  const auto bytes = moment_->Get(Table::kMeta, key);
  if (!bytes || bytes->empty()) return {};
  const auto state = log::Automaton::State::Decode(*bytes);
  CRM_CHECK(state);  // another release's would have another fingerprint
  return *state;
}

log::Automaton::State ReadView::Replicated(std::string_view service, int partition) const {
  return StateAt(ReplicaKey(service, partition));
}

std::optional<TenantEntry> ReadView::Tenant(std::string_view tenant) const {
  const auto row = moment_->Get(Table::kMeta, TenantKey(tenant));
  if (!row) return std::nullopt;
  return DecodeTenant(*row);
}

std::vector<std::string> ReadView::Tenants() const {
  std::vector<std::string> tenants;
  const std::string prefix(kTenantPrefix);
  for (Rows rows(moment_, Table::kMeta, prefix, record::PrefixEnd(prefix)); rows.Valid();
       rows.Next()) {
    tenants.emplace_back(rows.key().substr(prefix.size()));
  }
  return tenants;
}

std::optional<std::string> ReadView::Record(const RecordKey& key) const {
  std::string bytes;
  AppendRecordKey(key, &bytes);
  const std::string* const kept = read_ == nullptr ? nullptr : read_->Find(bytes);
  // An empty one may be a deleted record's, or be kept for one that never was.
  if (kept != nullptr && !kept->empty()) return std::string(ImageOf(*kept));
  rocksdb::PinnableSlice row;
  const auto& tables = moment_->tables();
  const auto status = tables.db().Get(moment_->options(), tables[Table::kRecord], bytes, &row);
  if (status.IsNotFound()) return std::nullopt;
  tables.Check(status, "reading a record");
  if (read_ != nullptr) read_->Keep(bytes, row.ToStringView());
  return std::string(ImageOf(row.ToStringView()));
}

void ReadView::ExpectNew(const RecordKey& key) const {
  if (read_ == nullptr) return;
  std::string bytes;
  AppendRecordKey(key, &bytes);
  read_->Keep(bytes, {});
}

std::vector<std::optional<std::string>> ReadView::Records(
    const std::vector<RecordKey>& keys) const {
  std::vector<std::string> bytes(keys.size());
  std::vector<rocksdb::Slice> slices(keys.size());
  for (size_t i = 0; i < keys.size(); ++i) {
    AppendRecordKey(keys[i], &bytes[i]);
    slices[i] = bytes[i];
  }
  std::vector<rocksdb::PinnableSlice> values(keys.size());
  std::vector<rocksdb::Status> statuses(keys.size());
  const auto& tables = moment_->tables();
  tables.db().MultiGet(moment_->options(), tables[Table::kRecord], slices.size(), slices.data(),
                       values.data(), statuses.data());
  std::vector<std::optional<std::string>> images(keys.size());
  for (size_t i = 0; i < keys.size(); ++i) {
    if (statuses[i].IsNotFound()) continue;
    tables.Check(statuses[i], "reading records");
    images[i] = ImageOf(values[i].ToStringView());
  }
  return images;
}

std::unique_ptr<IndexCursor> ReadView::Scan(const IndexRange& asked, int64_t as_of) const {
  const auto& place = places_->Find(asked.type, asked.index);
  if (place.building) {
    const auto* type = catalogue_.FindTypeByNumber(asked.type);
    missing_ = type->collection + '/' + type->indexes[asked.index].name;
    return ScanNothing();
  }
  IndexRange range = asked;
  range.index = place.number;
  if (as_of == kNow) return ScanNow(moment_, range);
  const int64_t newest = applied() - 1;
  if (as_of >= newest) return ScanNow(moment_, range);
  CRM_CHECK(place.slot >= 0);
  return ScanPast(moment_, range, as_of, newest);
}

std::vector<log::Stored> ReadView::History(const RecordKey& key, int64_t before,
                                           size_t limit) const {
  std::vector<log::Stored> events;
  for (Rows rows(moment_, Table::kHistory, HistoryKey(key, 0), HistoryKey(key, before),
                 /*reverse=*/true);
       rows.Valid() && events.size() < limit; rows.Next()) {
    events.push_back(HistoryRow(rows));
  }
  return events;
}

std::optional<log::Stored> ReadView::VersionAt(const RecordKey& key, int64_t position) const {
  for (Rows rows(moment_, Table::kHistory, HistoryKey(key, 0), HistoryKey(key, Behind(position)),
                 /*reverse=*/true);
       rows.Valid(); rows.Next()) {
    auto event = HistoryRow(rows);
    const auto change = moment_->Get(Table::kChange, ChangeKey(key.tenant, event.offset));
    CRM_CHECK(change);
    // Commits are shown whole or not at all, also at a position in the middle of one.
    if (DecodeChange(event.offset, *change).commit <= position) return event;
  }
  return std::nullopt;
}

std::vector<Change> ReadView::Changes(TenantNumber tenant, int64_t after, size_t limit) const {
  std::vector<Change> changes;
  for (Rows rows(moment_, Table::kChange, ChangeKey(tenant, Behind(after)),
                 ChangeKey(tenant, INT64_MAX));
       rows.Valid() && changes.size() < limit; rows.Next()) {
    changes.push_back(ChangeRow(rows));
  }
  return changes;
}

std::vector<log::Stored> ReadView::CommitAt(TenantNumber tenant, int64_t position) const {
  std::vector<log::Stored> events;
  for (Rows rows(moment_, Table::kChange, ChangeKey(tenant, 0), ChangeKey(tenant, Behind(position)),
                 /*reverse=*/true);
       rows.Valid(); rows.Next()) {
    const auto change = ChangeRow(rows);
    if (change.commit != position) break;
    auto body =
        moment_->Get(Table::kHistory, HistoryKey({tenant, change.type, change.id}, change.offset));
    CRM_CHECK(body);
    events.push_back({change.offset, std::make_shared<const std::string>(std::move(*body))});
  }
  std::reverse(events.begin(), events.end());
  return events;
}

int64_t ReadView::PositionAt(TenantNumber tenant, int64_t time_us) const {
  // A tenant's clock never goes back: halves the offsets in which the first later change lies.
  int64_t from = 0;
  int64_t to = applied();
  int64_t found = -1;
  Rows rows(moment_, Table::kChange, ChangeKey(tenant, from), ChangeKey(tenant, to));
  while (from < to) {
    const int64_t middle = from + (to - from) / 2;
    rows.Seek(ChangeKey(tenant, middle));
    const auto change = rows.Valid() ? std::optional(ChangeRow(rows)) : std::nullopt;
    if (!change || change->time_us > time_us) {
      to = middle;
    } else {
      found = change->commit;
      from = change->offset + 1;
    }
  }
  return found;
}

std::vector<RecordKey> ReadView::Cascades(TenantNumber tenant, bool ever) const {
  return RecordsUnder(tenant, CascadePrefix(tenant, ever));
}

std::vector<RecordKey> ReadView::Moving(TenantNumber tenant) const {
  return RecordsUnder(tenant, MovingPrefix(tenant));
}

std::vector<RecordKey> ReadView::RecordsUnder(TenantNumber tenant,
                                              const std::string& prefix) const {
  std::vector<RecordKey> keys;
  for (Rows rows(moment_, Table::kMeta, prefix, record::PrefixEnd(prefix)); rows.Valid();
       rows.Next()) {
    const std::string_view rest = rows.key().substr(prefix.size());
    keys.push_back({tenant, ReadNumber<uint16_t>(rest), ReadId(rest.substr(sizeof(uint16_t)))});
  }
  return keys;
}

std::optional<RequestEntry> ReadView::Request(TenantNumber tenant, std::string_view request) const {
  const auto row = moment_->Get(Table::kRequest, TextKey(tenant, request));
  if (!row) return std::nullopt;
  return DecodeRequest(*row);
}

uint64_t ReadView::Outbox(TenantNumber tenant, std::string_view source) const {
  const auto row = moment_->Get(Table::kOutbox, TextKey(tenant, source));
  return row ? ReadNumber<uint64_t>(*row) : 0;
}

std::vector<WakeEntry> ReadView::Wakes(std::optional<TenantNumber> tenant, int64_t until_us,
                                       size_t limit) const {
  std::vector<WakeEntry> wakes;
  const TenantNumber number = tenant.value_or(0);
  for (Rows rows(moment_, Table::kWake, WakePrefix(number, INT64_MIN),
                 record::PrefixEnd(WakePrefix(number, until_us)));
       rows.Valid() && wakes.size() < limit; rows.Next()) {
    wakes.push_back(DecodeWake(rows.key(), rows.value()));
  }
  return wakes;
}

int64_t ReadView::Reached(std::string_view reactor, std::string_view service, int partition) const {
  const auto row = moment_->Get(Table::kMeta, ReachedKey(reactor, service, partition));
  return row ? ReadNumber<int64_t>(*row) : -1;
}

std::vector<ApartEntry> ReadView::Apart(std::string_view reactor, std::string_view service,
                                        int partition) const {
  std::vector<ApartEntry> all;
  const std::string prefix = ApartKey(reactor, service, partition, "");
  for (Rows rows(moment_, Table::kMeta, prefix, record::PrefixEnd(prefix)); rows.Valid();
       rows.Next()) {
    if (rows.value().empty()) continue;  // together again
    all.push_back(DecodeApart(rows.value()));
    all.back().tenant = rows.key().substr(prefix.size());
  }
  return all;
}

std::map<std::string, std::string> ReadView::Verify(std::string_view tenant) const {
  const auto entry = Tenant(tenant);
  if (!entry) return {};
  return Hashes(moment_, catalogue_, service_, *places_, entry->number);
}

}  // namespace crm::store
