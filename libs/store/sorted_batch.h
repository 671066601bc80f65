#pragma once

#include <rocksdb/write_batch.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "libs/store/tables.h"

namespace crm::store {

// A WriteBatch that is filled in the order of the keys: the place of a key in a table in memory is
// found sooner beside the one before it.
class SortedBatch {
 public:
  // The value is `head`, which is copied like the key, and `rest`, which must stay until Build().
  void Put(Table table, std::string_view key, std::string_view head, std::string_view rest = {});
  // Of a key that is put only while it is not there.
  void Remove(Table table, std::string_view key);

  // Everything since the last call; changes of one key in the order in which they came. Valid until
  // the next call.
  rocksdb::WriteBatch* Build(const Tables& tables);

 private:
  struct Row {
    Table table;
    bool removed;
    uint32_t key_at, key_size;
    uint32_t head_at, head_size;
    std::string_view rest;
  };
  uint32_t Copy(std::string_view bytes);
  rocksdb::Slice At(uint32_t at, uint32_t size) const { return {bytes_.data() + at, size}; }
  void Sort();

  std::string bytes_;
  std::vector<Row> rows_;
  std::vector<uint32_t> order_;
  rocksdb::WriteBatch batch_;
};

}  // namespace crm::store
