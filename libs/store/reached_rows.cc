#include "libs/store/reached_rows.h"

#include "libs/log/cause.h"
#include "libs/log/own_record.h"
#include "libs/store/key.h"

namespace crm::store {

std::string ReachedRows::Get(const std::string& key) const {
  if (const auto row = rows_.find(key); row != rows_.end()) return row->second;
  rocksdb::PinnableSlice found;
  const auto status = tables_.db().Get({}, tables_[Table::kMeta], key, &found);
  if (!status.IsNotFound()) tables_.Check(status, "reading a reactor's position");
  return status.ok() ? found.ToString() : std::string();
}

void ReachedRows::Raise(const std::string& key, int64_t offset) {
  const auto row = Get(key);
  if (row.empty() || ReadNumber<int64_t>(row) < offset) rows_[key] = NumberValue(offset);
}

// A tenant whose events go by themselves has a position of its own, until they go together again.
void ReachedRows::AddCommit(const EventFacts& last) {
  if (!last.client.starts_with(kReactorClient)) return;
  const auto cause = log::Cause::Parse(last.cause);
  if (!cause) return;
  const auto reactor = last.client.substr(kReactorClient.size());
  const auto apart_key = ApartKey(reactor, cause->service, cause->partition, last.tenant);
  const auto row = Get(apart_key);
  if (row.empty())
    return Raise(ReachedKey(reactor, cause->service, cause->partition), cause->offset);
  auto apart = DecodeApart(row);
  apart.offset = cause->offset;
  apart.refusal.clear();
  rows_[apart_key] = EncodeApart(apart);
}

void ReachedRows::AddRecord(std::string_view value) {
  const auto content = ImageIn(value, log::kReachedInRoot);
  event::v1::Reached reached;
  if (!content || !reached.ParseFromArray(content->data(), static_cast<int>(content->size()))) {
    return;
  }
  const auto cause = log::Cause::Parse(reached.cause());
  if (!cause) return;
  const auto key = ReachedKey(reached.reactor(), cause->service, cause->partition);
  if (reached.tenant().empty()) return Raise(key, cause->offset);
  const auto apart_key =
      ApartKey(reached.reactor(), cause->service, cause->partition, reached.tenant());
  if (reached.course() == event::v1::Reached::TOGETHER) {
    // Together from where all of them are: else they would be older than the tenant's own.
    Raise(key, cause->offset);
    rows_[apart_key].clear();
    return;
  }
  const bool parked = reached.course() == event::v1::Reached::PARKED;
  rows_[apart_key] = EncodeApart({reached.tenant(), cause->offset, parked, reached.refusal()});
}

void ReachedRows::AddTo(SortedBatch* batch) {
  for (const auto& [key, row] : rows_) batch->Put(Table::kMeta, key, row);
  rows_.clear();
}

}  // namespace crm::store
