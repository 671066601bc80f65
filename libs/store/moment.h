#pragma once

#include <rocksdb/db.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "libs/store/tables.h"

namespace crm::store {

// What a view reads: the tables as they were when it was made, or as they are whenever it reads.
// What can not be read ends the process, as everywhere here.
class Moment {
 public:
  enum class Which { kSnapshot, kLatest };
  Moment(std::shared_ptr<const Tables> tables, Which which);
  ~Moment();
  Moment(const Moment&) = delete;
  Moment& operator=(const Moment&) = delete;

  const Tables& tables() const { return *tables_; }
  const rocksdb::ReadOptions& options() const { return options_; }
  std::optional<std::string> Get(Table table, std::string_view key) const;

 private:
  std::shared_ptr<const Tables> tables_;
  rocksdb::ReadOptions options_;
};

// Rows of a table from one key (inclusive) to another (exclusive; empty: the table's end), in
// either direction.
class Rows {
 public:
  Rows(std::shared_ptr<const Moment> moment, Table table, std::string from, std::string to,
       bool reverse = false);
  Rows(const Rows&) = delete;
  Rows& operator=(const Rows&) = delete;

  bool Valid() const { return it_->Valid(); }
  void Next();
  // To the first row at or after a key, which must be within the range.
  void Seek(std::string_view key);
  std::string_view key() const { return it_->key().ToStringView(); }
  std::string_view value() const { return it_->value().ToStringView(); }

 private:
  std::shared_ptr<const Moment> moment_;
  std::string from_, to_;
  rocksdb::Slice lower_, upper_;
  bool reverse_;
  std::unique_ptr<rocksdb::Iterator> it_;
};

}  // namespace crm::store
