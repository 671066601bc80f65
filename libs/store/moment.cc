#include "libs/store/moment.h"

#include <utility>

#include "libs/store/key.h"

namespace crm::store {

Moment::Moment(std::shared_ptr<const Tables> tables, Which which) : tables_(std::move(tables)) {
  if (which == Which::kSnapshot) options_.snapshot = tables_->db().GetSnapshot();
}

Moment::~Moment() {
  if (options_.snapshot) tables_->db().ReleaseSnapshot(options_.snapshot);
}

std::optional<std::string> Moment::Get(Table table, std::string_view key) const {
  std::string value;
  const auto status = tables_->db().Get(options_, (*tables_)[table], key, &value);
  if (status.IsNotFound()) return std::nullopt;
  tables_->Check(status, "reading");
  return value;
}

Rows::Rows(std::shared_ptr<const Moment> moment, Table table, std::string from, std::string to,
           bool reverse)
    : moment_(std::move(moment)), from_(std::move(from)), to_(std::move(to)), reverse_(reverse) {
  lower_ = from_;
  upper_ = to_;
  auto options = moment_->options();
  options.iterate_lower_bound = &lower_;
  if (!to_.empty()) options.iterate_upper_bound = &upper_;
  // Within one record the history's filter tells which files need not be looked at.
  const bool one_record = table == Table::kHistory && from_.size() >= kRecordKeySize &&
                          to_.compare(0, kRecordKeySize, from_, 0, kRecordKeySize) == 0;
  options.prefix_same_as_start = one_record;
  options.total_order_seek = !one_record;
  const auto& tables = moment_->tables();
  it_.reset(tables.db().NewIterator(options, tables[table]));
  if (reverse_) {
    it_->SeekToLast();
  } else {
    it_->SeekToFirst();
  }
  tables.Check(it_->status(), "reading");
}

void Rows::Next() {
  if (reverse_) {
    it_->Prev();
  } else {
    it_->Next();
  }
  if (!it_->Valid()) moment_->tables().Check(it_->status(), "reading");
}

void Rows::Seek(std::string_view key) {
  it_->Seek(key);
  if (!it_->Valid()) moment_->tables().Check(it_->status(), "reading");
}

}  // namespace crm::store
