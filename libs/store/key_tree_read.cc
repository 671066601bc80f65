#include "libs/store/key_tree_node.h"

// Reading a tree, while it is added to.
namespace crm::store {

// The same of a key that may be beside the leaf's bounds.
int KeyTree::CountBelowSlowly(const Leaf& leaf, uint64_t order, const Key& key) {
  int place = 0;
  while (place < Count(order) && Compare(KeyOf(leaf.keys[SlotAt(order, place)]), key) < 0) ++place;
  return place;
}

// A child is read after the order, and another one may stand there since: the half of it. But then
// the order has changed before.
template <class Choose>
const KeyTree::Leaf* KeyTree::Descend(Choose choose) const {
  const Node* node = root_.load(std::memory_order_acquire);
  while (node != nullptr && !node->is_leaf) {
    const auto& inner = static_cast<const Inner&>(*node);
    uint64_t order = inner.order.load(std::memory_order_acquire);
    for (;;) {
      const int slot = SlotAt(order, choose(inner, order));
      node = inner.children[slot].load(std::memory_order_acquire);
      node->Prefetch();
      const uint64_t again = inner.order.load(std::memory_order_acquire);
      if (again == order) break;
      order = again;
    }
  }
  return static_cast<const Leaf*>(node);
}

// The leaf that has the last key below (or at) this one, if there is any.
const KeyTree::Leaf* KeyTree::Find(const Key& key, bool or_equal) const {
  return Descend([&](const Inner& inner, uint64_t order) {
    return CountBelow(inner, order, 1, key, or_equal) - 1;
  });
}

void KeyTree::Cursor::Enter(const Leaf* leaf, uint64_t order, int place) {
  leaf_ = leaf;
  order_ = order;
  place_ = place;
  entry_ = leaf->keys[SlotAt(order, place)];
}

// No leaf but the first of an empty tree is empty.
void KeyTree::Cursor::GoOn(const Leaf* leaf) {
  leaf_ = nullptr;
  if (leaf == nullptr) return;
  const uint64_t order = leaf->order.load(std::memory_order_acquire);
  if (Count(order) > 0) Enter(leaf, order, 0);
}

void KeyTree::Cursor::Next() {
  if (place_ + 1 < Count(order_)) return Enter(leaf_, order_, place_ + 1);
  GoOn(leaf_->next.load(std::memory_order_acquire));
}

void KeyTree::Cursor::Previous() {
  if (place_ > 0) return Enter(leaf_, order_, place_ - 1);
  const Key key = KeyOf(entry_);
  const Leaf* const leaf = tree_->Find(key, /*or_equal=*/false);
  const uint64_t order = leaf->order.load(std::memory_order_acquire);
  const int count = CountBelow(*leaf, order, 0, key, /*or_equal=*/false);
  leaf_ = nullptr;
  if (count > 0) Enter(leaf, order, count - 1);
}

void KeyTree::Cursor::Seek(std::string_view bytes) {
  leaf_ = nullptr;
  const Key key = ReadKey(bytes);
  const Leaf* leaf = tree_->Find(key, /*or_equal=*/true);
  if (leaf == nullptr) return;
  uint64_t order = leaf->order.load(std::memory_order_acquire);
  int place = CountBelow(*leaf, order, 0, key, /*or_equal=*/false);
  while (place == Count(order)) {
    // The next leaf begins behind the key, unless that was added while we looked.
    leaf = leaf->next.load(std::memory_order_acquire);
    if (leaf == nullptr) return;
    order = leaf->order.load(std::memory_order_acquire);
    place = CountBelowSlowly(*leaf, order, key);
  }
  Enter(leaf, order, place);
}

void KeyTree::Cursor::SeekBack(std::string_view bytes) {
  leaf_ = nullptr;
  const Key key = ReadKey(bytes);
  const Leaf* const leaf = tree_->Find(key, /*or_equal=*/true);
  if (leaf == nullptr) return;
  const uint64_t order = leaf->order.load(std::memory_order_acquire);
  const int count = CountBelow(*leaf, order, 0, key, /*or_equal=*/true);
  if (count > 0) Enter(leaf, order, count - 1);
}

void KeyTree::Cursor::SeekFirst() {
  GoOn(tree_->Descend([](const Inner&, uint64_t) { return 0; }));
}

void KeyTree::Cursor::SeekLast() {
  const Leaf* const leaf =
      tree_->Descend([](const Inner&, uint64_t order) { return Count(order) - 1; });
  leaf_ = nullptr;
  if (leaf == nullptr) return;
  const uint64_t order = leaf->order.load(std::memory_order_acquire);
  if (Count(order) > 0) Enter(leaf, order, Count(order) - 1);
}

}  // namespace crm::store
