#include "libs/store/row_order.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <string_view>
#include <tuple>
#include <utility>

namespace crm::store {
namespace {

constexpr size_t kWord = sizeof(uint64_t);
constexpr size_t kFew = 24;      // compared as they are
constexpr size_t kRadix = 1024;  // from here on, passing over all of them is less than comparing
constexpr size_t kAhead = 12;    // rows whose keys are fetched before they are needed
constexpr size_t kByteValues = 256;

// What of a key stands behind so many bytes.
std::string_view From(const RowList::Row& row, size_t depth) {
  return row.Key().substr(std::min<size_t>(depth, row.key_size));
}

}  // namespace

uint64_t WordOf(std::string_view bytes) {
  uint64_t word = 0;
  std::memcpy(&word, bytes.data(), std::min(bytes.size(), kWord));
  return std::endian::native == std::endian::little ? __builtin_bswap64(word) : word;
}

RowOrder::RowOrder(const std::vector<RowList::Row>& rows, size_t common) : rows_(rows) {
  places_.reserve(rows.size());
  for (const auto& row : rows) {
    places_.push_back({row.order, static_cast<uint32_t>(places_.size())});
  }
  todo_.push_back({0, rows.size(), common});
}

const std::vector<RowOrder::Place>& RowOrder::Sort() {
  // A list of its own instead of recursion: keys may have any length.
  while (!todo_.empty()) {
    const Run run = todo_.back();
    todo_.pop_back();
    SortRun(run);
  }
  return places_;
}

void RowOrder::SortRun(const Run& run) {
  SortByWord(run);
  for (size_t begin = run.begin; begin < run.end;) {
    size_t end = begin + 1;
    while (end < run.end && places_[end].word == places_[begin].word) ++end;
    if (end - begin > 1) Descend({begin, end, run.depth});
    begin = end;
  }
}

void RowOrder::SortByWord(const Run& run) {
  if (run.end - run.begin >= kRadix) {
    SortRadix(run);
    return;
  }
  std::sort(places_.begin() + static_cast<ptrdiff_t>(run.begin),
            places_.begin() + static_cast<ptrdiff_t>(run.end), [](const Place& a, const Place& b) {
              return std::tie(a.word, a.row) < std::tie(b.word, b.row);
            });
}

void RowOrder::SortRadix(const Run& run) {
  std::array<std::array<uint32_t, kByteValues>, kWord> counts{};
  for (size_t i = run.begin; i < run.end; ++i) {
    for (size_t byte = 0; byte < kWord; ++byte) {
      ++counts[byte][places_[i].word >> (8 * byte) & 0xff];
    }
  }
  const size_t size = run.end - run.begin;
  spare_.resize(std::max(spare_.size(), size));
  Place* from = places_.data() + run.begin;
  Place* to = spare_.data();
  for (size_t byte = 0; byte < kWord; ++byte) {
    auto& count = counts[byte];
    if (count[from->word >> (8 * byte) & 0xff] == size) continue;
    uint32_t before = 0;
    for (auto& each : count) before += std::exchange(each, before);
    for (size_t i = 0; i < size; ++i) to[count[from[i].word >> (8 * byte) & 0xff]++] = from[i];
    std::swap(from, to);
  }
  if (from != places_.data() + run.begin) std::copy(from, from + size, to);
}

// Among rows that have everything up to the end of these words in common.
void RowOrder::Descend(const Run& equal) {
  const Run next{equal.begin, equal.end, equal.depth + kWord};
  if (next.end - next.begin <= kFew) {
    SortFew(next);
    return;
  }
  bool ended = true;
  for (size_t i = next.begin; i < next.end; ++i) {
    if (i + kAhead < next.end) {
      const auto& later = rows_[places_[i + kAhead].row];
      __builtin_prefetch(later.key + next.depth);
    }
    const auto& row = rows_[places_[i].row];
    places_[i].word = WordOf(From(row, next.depth));
    ended = ended && row.key_size <= next.depth;
  }
  if (ended) {
    SortFew(next);
  } else {
    todo_.push_back(next);
  }
}

void RowOrder::SortFew(const Run& run) {
  std::stable_sort(places_.begin() + static_cast<ptrdiff_t>(run.begin),
                   places_.begin() + static_cast<ptrdiff_t>(run.end),
                   [&](const Place& a, const Place& b) {
                     const auto& left = rows_[a.row];
                     const auto& right = rows_[b.row];
                     const int compared = From(left, run.depth).compare(From(right, run.depth));
                     // A key that ends earlier looked as if zeros followed.
                     return compared != 0 ? compared < 0 : left.key_size < right.key_size;
                   });
}

}  // namespace crm::store
