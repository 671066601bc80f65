#include "libs/store/row_list.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "libs/store/row_order.h"

namespace crm::store {
namespace {

constexpr size_t kBlock = 1 << 20;

bool Before(const RowList::Row& a, const RowList::Row& b) {
  return a.order != b.order ? a.order < b.order : a.Key() < b.Key();
}

}  // namespace

char* Arena::Take(size_t size) {
  if (size > left_) {
    left_ = std::max(kBlock, size);
    blocks_.push_back(std::make_unique_for_overwrite<char[]>(left_));
    at_ = blocks_.back().get();
  }
  char* const taken = at_;
  at_ += size;
  left_ -= size;
  return taken;
}

void RowList::Add(Arena* arena, std::string_view key, std::string_view head,
                  std::string_view rest) {
  char* const bytes = arena->Take(key.size() + head.size());
  std::memcpy(bytes, key.data(), key.size());
  if (!head.empty()) std::memcpy(bytes + key.size(), head.data(), head.size());
  const Row row{WordOf(key.substr(std::min(common_, key.size()))), bytes,
                static_cast<uint32_t>(key.size()), static_cast<uint32_t>(head.size()), rest};
  sorted_ = sorted_ && (rows_.empty() || Before(rows_.back(), row));
  rows_.push_back(row);
}

void RowList::Append(const RowList& other) {
  if (other.empty()) return;
  sorted_ = sorted_ && other.sorted_ && (empty() || Before(rows_.back(), other.rows_.front()));
  rows_.insert(rows_.end(), other.rows_.begin(), other.rows_.end());
}

void RowList::Sort() {
  if (sorted_) return;
  RowOrder order(rows_, common_);
  std::vector<Row> sorted;
  sorted.reserve(rows_.size());
  for (const auto& place : order.Sort()) sorted.push_back(rows_[place.row]);
  rows_ = std::move(sorted);
  sorted_ = true;
}

}  // namespace crm::store
