#pragma once

#include <rocksdb/db.h>

#include <vector>

#include "libs/store/rocks_disk.h"
#include "libs/store/store.h"

namespace crm::store {

// So many files of a table's youngest level are merged at a time.
inline constexpr int kMergedFiles = 8;

rocksdb::DBOptions DatabaseOptions(const StoreOptions& options, RocksDisk& disk);
// Of every table, in the order of Table.
std::vector<rocksdb::ColumnFamilyDescriptor> TableOptions(const StoreOptions& options,
                                                          const RocksDisk& disk);

}  // namespace crm::store
