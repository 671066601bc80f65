#pragma once

#include <rocksdb/db.h>

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "libs/record/catalogue.h"
#include "libs/record/result.h"
#include "libs/store/layout.h"
#include "libs/store/rocks_disk.h"
#include "libs/store/store.h"

namespace crm::store {

// The tables of key.h.
enum class Table {
  kMeta,
  kRecord,
  kIndex,
  kIndexPast,
  kHistory,
  kChange,
  kRequest,
  kOutbox,
  kWake
};
inline constexpr size_t kTableCount = 9;

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

class Tables;

// Tables, and what they are built from.
struct Opened {
  std::shared_ptr<const Tables> tables;
  Layout layout;
  bool in_memory = false;
  bool created = false;
};

// What the options say of which rows there are.
Kept KeptOf(const StoreOptions& options, const record::Catalogue& catalogue);

// Beside RocksDB's files: says that they are corrupt.
inline constexpr const char* kCorruptFile = "/CORRUPT";

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
  // Into a folder that does not exist yet; the files are links where the disk has them.
  record::Result<record::Done> Checkpoint(const std::string& folder) const;

  // Opens what is there if it is whole and this catalogue can go on with it; else begins anew.
  static record::Result<Opened> Open(const StoreOptions& options,
                                     const record::Catalogue& catalogue);
  // The same tables, empty. Whatever happens meanwhile, the next Open() finds what was there, or
  // nothing.
  Opened Cleared(const StoreOptions& options, const record::Catalogue& catalogue) const;

 private:
  std::shared_ptr<const Connection> connection_;
  std::vector<rocksdb::ColumnFamilyHandle*> handles_;  // by Table
};

}  // namespace crm::store
