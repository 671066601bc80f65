#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "libs/store/row_list.h"

namespace crm::store {

// The first bytes, zeros behind them if there are fewer, as a number in the order of bytes.
uint64_t WordOf(std::string_view bytes);

// Puts rows into the order of their keys. Keys lie all over the memory, and comparing two of them
// waits for both, so what is compared are eight bytes of each at a time, fetched ahead, and the
// next eight only among rows that have these in common.
class RowOrder {
 public:
  // All keys begin with the same `common` bytes; Row::order is what follows these.
  RowOrder(const std::vector<RowList::Row>& rows, size_t common);

  // Places in `rows`; equal keys stay in the order they had.
  struct Place {
    uint64_t word;
    uint32_t row;
  };
  const std::vector<Place>& Sort();

 private:
  struct Run {
    size_t begin, end;
    size_t depth;  // of the bytes in `word`
  };
  void SortRun(const Run& run);
  void SortByWord(const Run& run);
  void SortFew(const Run& run);
  void SortRadix(const Run& run);
  void Descend(const Run& equal);

  const std::vector<RowList::Row>& rows_;
  std::vector<Place> places_, spare_;
  std::vector<Run> todo_;
};

}  // namespace crm::store
