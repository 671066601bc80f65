#pragma once

#include <rocksdb/db.h>

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "libs/record/result.h"
#include "libs/store/rocks_disk.h"
#include "libs/store/store.h"

namespace crm::store {

// The tables of key.h.
enum class Table { kMeta, kRecord, kIndex, kIndexPast, kHistory, kChange, kRequest, kOutbox };
inline constexpr size_t kTableCount = 8;

// An open RocksDB. What goes wrong with it ends the process: the log has everything, and a restart
// continues from it.
class Connection {
 public:
  Connection(std::string path, std::shared_ptr<RocksDisk> disk, std::unique_ptr<rocksdb::DB> db);
  ~Connection();

  rocksdb::DB& db() const { return *db_; }
  // Ends the process unless the status is fine. If it tells of corruption, the next Open() begins
  // with an empty store.
  void Check(const rocksdb::Status& status, std::string_view doing) const;

 private:
  std::string path_;
  std::shared_ptr<RocksDisk> disk_;
  std::unique_ptr<rocksdb::DB> db_;
};

// The tables as they are until the store is cleared; views of what was before keep theirs.
class Tables {
 public:
  Tables(std::shared_ptr<const Connection> connection,
         std::vector<rocksdb::ColumnFamilyHandle*> handles);
  ~Tables();
  Tables(const Tables&) = delete;
  Tables& operator=(const Tables&) = delete;

  rocksdb::DB& db() const { return connection_->db(); }
  rocksdb::ColumnFamilyHandle* operator[](Table table) const {
    return handles_[static_cast<size_t>(table)];
  }
  const std::vector<rocksdb::ColumnFamilyHandle*>& all() const { return handles_; }
  void Check(const rocksdb::Status& status, std::string_view doing) const {
    if (!status.ok()) connection_->Check(status, doing);
  }
  void Write(rocksdb::WriteBatch* batch) const;
  void Flush() const;

  // Opens what is there if it was built with this fingerprint and is whole; else begins anew.
  static record::Result<std::shared_ptr<const Tables>> Open(const StoreOptions& options,
                                                            std::string_view fingerprint);
  // The same tables, empty. Whatever happens meanwhile, the next Open() finds what was there, or
  // nothing.
  std::shared_ptr<const Tables> Cleared(const StoreOptions& options,
                                        std::string_view fingerprint) const;

 private:
  std::shared_ptr<const Connection> connection_;
  std::vector<rocksdb::ColumnFamilyHandle*> handles_;  // by Table
};

}  // namespace crm::store
