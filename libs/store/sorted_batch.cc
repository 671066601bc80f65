#include "libs/store/sorted_batch.h"

#include <algorithm>
#include <numeric>

namespace crm::store {

void SortedBatch::Put(Table table, std::string_view key, std::string_view head,
                      std::string_view rest) {
  const auto key_at = Copy(key);
  const auto head_at = Copy(head);
  rows_.push_back({table, false, key_at, static_cast<uint32_t>(key.size()), head_at,
                   static_cast<uint32_t>(head.size()), rest});
}

void SortedBatch::Remove(Table table, std::string_view key) {
  rows_.push_back({table, true, Copy(key), static_cast<uint32_t>(key.size()), 0, 0, {}});
}

uint32_t SortedBatch::Copy(std::string_view bytes) {
  const auto at = static_cast<uint32_t>(bytes_.size());
  bytes_.append(bytes);
  return at;
}

void SortedBatch::Sort() {
  order_.resize(rows_.size());
  std::iota(order_.begin(), order_.end(), 0);
  std::sort(order_.begin(), order_.end(), [&](uint32_t a, uint32_t b) {
    const Row& left = rows_[a];
    const Row& right = rows_[b];
    if (left.table != right.table) return left.table < right.table;
    const int order = At(left.key_at, left.key_size).compare(At(right.key_at, right.key_size));
    return order != 0 ? order < 0 : a < b;
  });
}

rocksdb::WriteBatch* SortedBatch::Build(const Tables& tables) {
  Sort();
  batch_.Clear();
  for (const uint32_t i : order_) {
    const Row& row = rows_[i];
    auto* table = tables[row.table];
    const auto key = At(row.key_at, row.key_size);
    if (row.removed) {
      tables.Check(batch_.SingleDelete(table, key), "preparing a batch");
      continue;
    }
    const rocksdb::Slice value[] = {At(row.head_at, row.head_size),
                                    {row.rest.data(), row.rest.size()}};
    tables.Check(batch_.Put(table, {&key, 1}, {value, 2}), "preparing a batch");
  }
  rows_.clear();
  bytes_.clear();
  return &batch_;
}

}  // namespace crm::store
