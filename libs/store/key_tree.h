#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <utility>

namespace crm::store {

// An ordered set in memory that one thread adds to while any number of others read it, without
// locks and without waiting for each other: a B+ tree. Nothing is ever removed; whoever gives the
// memory takes it back as a whole.
//
//   entry := varint(size) key …          belongs to the caller, and stays
//   key   := text tag                    tag: 8 bytes, little-endian
//
// in the order of the texts' bytes, and of one text by tag downwards (RocksDB's internal keys).
//
// How readers stay right: a node's slots are written once, before the word is published that says
// which of them count and in which order. A full node is not emptied but replaced by two, and stays
// as it is for those who are in it: they miss only what came after they had come.
class KeyTree {
 public:
  // Memory for nodes, of any alignment.
  using Allocate = std::function<char*(size_t bytes)>;
  class Cursor;

  explicit KeyTree(Allocate allocate) : allocate_(std::move(allocate)) {}

  // By one thread. False, and nothing is done, if there is an entry with this key.
  bool Add(const char* entry);

 private:
  struct Node;
  struct Leaf;
  struct Inner;
  struct Key {
    std::string_view text;
    uint64_t tag = 0;
  };
  // A node's keys are at or behind the one entry and before the other; null: any.
  struct Bounds {
    const char* from = nullptr;
    const char* to = nullptr;
  };
  // The way to a leaf, as the adding thread goes it.
  struct Way {
    Inner* parent = nullptr;
    int place = 0;  // of the leaf in it
    Leaf* leaf = nullptr;
    Bounds bounds;  // of the leaf
  };

  static Key ReadKey(std::string_view key);
  static Key KeyOf(const char* entry);
  static int Compare(const Key& left, const Key& right);
  static int CountBelow(const Node& node, uint64_t order, int from, const Key& key, bool or_equal);
  static int CountBelowSlowly(const Leaf& leaf, uint64_t order, const Key& key);
  static bool Within(const Bounds& bounds, const Key& key);
  static bool Has(const Node& node, int slot, const Key& key);
  template <class Choose>
  const Leaf* Descend(Choose choose) const;
  const Leaf* Find(const Key& key, bool or_equal) const;

  char* Room(size_t bytes);
  template <class Kind>
  Kind* NewNode(const Bounds& bounds);
  Way WayTo(const Key& key);
  void GrowRoot();
  static void AddChild(Inner* parent, int place, const char* separator, Node* child);
  void SplitInner(Inner* parent, int place, const Bounds& bounds);
  Leaf* SplitLeaf(const Way& way, int place, const char* entry);
  Leaf* AddLeafBehind(const Way& way, const char* entry);

  const Allocate allocate_;
  char* room_ = nullptr;
  size_t room_left_ = 0;
  size_t room_next_ = 1 << 10;
  std::atomic<Inner*> root_{nullptr};
  // Where the last entry went: the next one often belongs beside it.
  Leaf* last_ = nullptr;
  Bounds last_bounds_;
};

// Sees at least what had been added when it was placed.
class KeyTree::Cursor {
 public:
  explicit Cursor(const KeyTree& tree) : tree_(&tree) {}

  bool Valid() const { return leaf_ != nullptr; }
  const char* entry() const { return entry_; }
  void Next();
  void Previous();
  // To the first entry at or behind a key, the last one at or before it, the first, the last.
  void Seek(std::string_view key);
  void SeekBack(std::string_view key);
  void SeekFirst();
  void SeekLast();

 private:
  void Enter(const Leaf* leaf, uint64_t order, int place);
  void GoOn(const Leaf* leaf);

  const KeyTree* tree_;
  const Leaf* leaf_ = nullptr;  // null: beside the entries
  uint64_t order_ = 0;          // of the leaf, when it was entered
  int place_ = 0;
  const char* entry_ = nullptr;
};

}  // namespace crm::store
