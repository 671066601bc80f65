#pragma once

#include <bit>
#include <cstdint>
#include <vector>

// Intervals of positions in a virtual binary tree over all positions, so that those which hold a
// given position are found by equality (the relational interval tree of Kriegel, Pötke and Seidl,
// 2000). The more zero bits a number ends with, the higher it stands; odd ones are leaves, and 0 is
// one left of all others.
namespace crm::store {

// The topmost node within the closed interval [from, last].
inline uint64_t ForkNode(uint64_t from, uint64_t last) {
  if (from == last) return from;
  const int split = 63 - std::countl_zero(from ^ last);
  // Both begin alike, then `last` has a 1 where `from` has a 0: either `from` ends there and stands
  // higher than everything up to `last`, or the number that ends with that 1 does.
  const bool from_ends = from != 0 && std::countr_zero(from) > split;
  return from_ends ? from : last >> split << split;
}

// Every node at which an interval may be filed that holds `position`, if no interval reaches
// beyond `newest`: the way from the root down to the position itself.
inline std::vector<uint64_t> NodesAbove(uint64_t position, uint64_t newest) {
  std::vector<uint64_t> nodes;
  for (int bit = static_cast<int>(std::bit_width(newest)) - 1; bit >= 0; --bit) {
    const uint64_t node = (position >> bit | 1) << bit;
    nodes.push_back(node);
    if (node == position) return nodes;
  }
  nodes.push_back(position);  // 0 has no bit of its own
  return nodes;
}

}  // namespace crm::store
