#pragma once

#include <atomic>
#include <bit>
#include <cstring>

#include "libs/store/key_tree.h"

// The nodes of a tree, for its own files.
namespace crm::store {

static_assert(std::endian::native == std::endian::little);

inline constexpr size_t kLine = 64;
inline constexpr int kSlots = 14;  // so a leaf has four cache lines

// The published word of a node: how many places it has, then the slot of each, 4 bits each.
inline int Count(uint64_t order) { return static_cast<int>(order & 15); }
inline int SlotAt(uint64_t order, int place) {
  return static_cast<int>(order >> (4 * place + 4) & 15);
}

// With the next slot, which was not used before, at this place.
inline uint64_t WithPlace(uint64_t order, int place) {
  const auto slot = order & 15;
  const int at = 4 * place + 4;
  const uint64_t before = order & ((uint64_t{1} << at) - 1);
  const uint64_t behind = order >> at << at;
  return (behind << 4 | slot << at | before) + 1;
}

// Eight bytes of a text as a number; what lies behind its end is zero.
inline uint64_t SliceOf(std::string_view text, size_t skip) {
  uint64_t slice = 0;
  if (text.size() >= skip + sizeof slice) {
    std::memcpy(&slice, text.data() + skip, sizeof slice);
  } else if (text.size() > skip) {
    std::memcpy(&slice, text.data() + skip, text.size() - skip);
  }
  return __builtin_bswap64(slice);
}

struct KeyTree::Node {
  std::atomic<uint64_t> order{0};
  bool is_leaf;
  uint32_t skip = 0;         // so many bytes at the beginning are the same in all its keys' texts
  uint64_t slices[kSlots];   // the eight bytes behind them
  const char* keys[kSlots];  // a leaf's entries; entries with which an inner node's children begin

  explicit Node(bool leaf) : is_leaf(leaf) {}
  // Asks for all of a leaf's cache lines at once: fetched as a search comes to them, each would be
  // waited for.
  void Prefetch() const;
  void Write(int slot, const char* entry) {
    slices[slot] = SliceOf(KeyOf(entry).text, skip);
    keys[slot] = entry;
  }
};

struct KeyTree::Leaf : Node {
  std::atomic<Leaf*> next{nullptr};
  Leaf* previous = nullptr;  // of the adding thread
  Leaf() : Node(true) {}
};

struct KeyTree::Inner : Node {
  std::atomic<Node*> children[kSlots];
  Inner() : Node(false) {}
};

inline void KeyTree::Node::Prefetch() const {
  for (size_t at = 0; at < sizeof(Leaf); at += kLine)
    __builtin_prefetch(reinterpret_cast<const char*>(this) + at);
}

}  // namespace crm::store
