#include "libs/store/sorted_batch.h"

#include <algorithm>
#include <cstring>

namespace crm::store {

void SortedBatch::Put(Table table, std::string_view key, std::string_view head,
                      std::string_view rest) {
  const auto key_at = Copy(key);
  const auto head_at = Copy(head);
  rows_[static_cast<size_t>(table)].push_back({false, key_at, static_cast<uint32_t>(key.size()),
                                               head_at, static_cast<uint32_t>(head.size()), rest});
}

void SortedBatch::Remove(Table table, std::string_view key) {
  rows_[static_cast<size_t>(table)].push_back(
      {true, Copy(key), static_cast<uint32_t>(key.size()), 0, 0, {}});
}

uint32_t SortedBatch::Copy(std::string_view bytes) {
  const auto at = static_cast<uint32_t>(bytes_.size());
  bytes_.append(bytes);
  return at;
}

void SortedBatch::Sort(const std::vector<Row>& rows) {
  order_.clear();
  for (uint32_t i = 0; i < rows.size(); ++i) {
    const auto key = At(rows[i].key_at, rows[i].key_size);
    Place place{{}, i};
    std::memcpy(place.key.data(), key.data(), std::min(key.size(), sizeof place.key));
    for (auto& number : place.key) number = __builtin_bswap64(number);
    order_.push_back(place);
  }
  std::sort(order_.begin(), order_.end(), [&](const Place& a, const Place& b) {
    for (size_t i = 0; i < a.key.size(); ++i) {
      if (a.key[i] != b.key[i]) return a.key[i] < b.key[i];
    }
    const Row& left = rows[a.row];
    const Row& right = rows[b.row];
    const int order = At(left.key_at, left.key_size).compare(At(right.key_at, right.key_size));
    return order != 0 ? order < 0 : a.row < b.row;
  });
}

rocksdb::WriteBatch* SortedBatch::Build(const Tables& tables) {
  batch_.Clear();
  for (size_t i = 0; i < kTableCount; ++i) {
    auto* table = tables[static_cast<Table>(i)];
    Sort(rows_[i]);
    for (const Place& place : order_) {
      const Row& row = rows_[i][place.row];
      const auto key = At(row.key_at, row.key_size);
      if (row.removed) {
        tables.Check(batch_.SingleDelete(table, key), "preparing a batch");
        continue;
      }
      const rocksdb::Slice value[] = {At(row.head_at, row.head_size),
                                      {row.rest.data(), row.rest.size()}};
      tables.Check(batch_.Put(table, {&key, 1}, {value, 2}), "preparing a batch");
    }
    rows_[i].clear();
  }
  bytes_.clear();
  return &batch_;
}

}  // namespace crm::store
