#pragma once

#include <rocksdb/write_batch.h>

#include <array>
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
    bool removed;
    uint32_t key_at, key_size;
    uint32_t head_at, head_size;
    std::string_view rest;
  };
  // The beginning of a row's key as numbers, which tells most keys apart where they are not near
  // each other in memory.
  struct Place {
    std::array<uint64_t, 3> key;
    uint32_t row;
  };
  uint32_t Copy(std::string_view bytes);
  rocksdb::Slice At(uint32_t at, uint32_t size) const { return {bytes_.data() + at, size}; }
  void Sort(const std::vector<Row>& rows);

  std::string bytes_;
  std::array<std::vector<Row>, kTableCount> rows_;
  std::vector<Place> order_;
  rocksdb::WriteBatch batch_;
};

}  // namespace crm::store
