#pragma once

#include <cstddef>
#include <mutex>
#include <string>
#include <vector>

#include "libs/store/row_list.h"
#include "libs/store/tables.h"

namespace crm::store {

// Files of sorted rows that become part of the tables all at once: what makes loading cheap is that
// no row passes a memtable, and that what lies in one file need not be merged.
class TableFiles {
 public:
  // Files are made in a folder of their own beside the tables', under names that begin anew with
  // each TableFiles: there is one at a time.
  TableFiles(const Tables& tables, const StoreOptions& options);
  ~TableFiles();
  TableFiles(const TableFiles&) = delete;
  TableFiles& operator=(const TableFiles&) = delete;

  enum class Kind {
    kRemoved,  // keys that are in the table now
    kPut,
  };
  // Lists in the order of their keys, each sorted; of rows with the same key the last one counts.
  // Of one table, what is removed comes before what is put. Thread-safe.
  void Add(Table table, Kind kind, const std::vector<const RowList*>& lists);
  // Makes them part of the tables; they are durable then.
  void Ingest();

 private:
  struct File {
    Table table;
    Kind kind;
    std::string path;
  };
  std::string NewPath(Table table, Kind kind);

  const Tables& tables_;
  const StoreOptions& options_;
  std::mutex mutex_;
  std::vector<File> files_;
};

}  // namespace crm::store
