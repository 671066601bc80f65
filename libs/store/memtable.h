#pragma once

#include <rocksdb/memtablerep.h>

#include <memory>

namespace crm::store {

// RocksDB's tables in memory as trees (key_tree.h) instead of skip lists: adding a key among many
// takes a fraction of the time. Keys are compared as bytes.
std::shared_ptr<rocksdb::MemTableRepFactory> TreeMemtables();

}  // namespace crm::store
