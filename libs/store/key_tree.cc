#include <algorithm>
#include <new>
#include <utility>

#include "libs/store/key_tree_node.h"

// Adding to a tree.
namespace crm::store {
namespace {

constexpr size_t kLargestRoom = 64 << 10;
constexpr size_t kTagSize = 8;

size_t CommonPrefix(std::string_view left, std::string_view right) {
  const auto end = std::min(left.size(), right.size());
  return static_cast<size_t>(
      std::mismatch(left.begin(), left.begin() + static_cast<ptrdiff_t>(end), right.begin()).first -
      left.begin());
}

}  // namespace

KeyTree::Key KeyTree::ReadKey(std::string_view key) {
  Key parts{key.substr(0, key.size() - kTagSize), 0};
  std::memcpy(&parts.tag, key.data() + parts.text.size(), kTagSize);
  return parts;
}

KeyTree::Key KeyTree::KeyOf(const char* entry) {
  size_t size = 0;
  for (int shift = 0;; shift += 7) {
    const auto byte = static_cast<uint8_t>(*entry++);
    size |= size_t{byte & 0x7fu} << shift;
    if (byte < 0x80) return ReadKey({entry, size});
  }
}

int KeyTree::Compare(const Key& left, const Key& right) {
  const int order = left.text.compare(right.text);
  if (order != 0) return order;
  return left.tag == right.tag ? 0 : left.tag > right.tag ? -1 : 1;
}

// How many places, from one on, have keys below this one, which is within the node's bounds.
int KeyTree::CountBelow(const Node& node, uint64_t order, int from, const Key& key, bool or_equal) {
  const uint64_t slice = SliceOf(key.text, node.skip);
  int to = Count(order);
  while (from < to) {
    const int middle = (from + to) / 2;
    const int slot = SlotAt(order, middle);
    bool below = node.slices[slot] < slice;
    if (node.slices[slot] == slice) {
      const int compared = Compare(KeyOf(node.keys[slot]), key);
      below = compared < 0 || (or_equal && compared == 0);
    }
    if (below) {
      from = middle + 1;
    } else {
      to = middle;
    }
  }
  return from;
}

// Keys mostly come in their order, and then it is the end that they are beyond.
bool KeyTree::Within(const Bounds& bounds, const Key& key) {
  return (bounds.to == nullptr || Compare(KeyOf(bounds.to), key) > 0) &&
         (bounds.from == nullptr || Compare(KeyOf(bounds.from), key) <= 0);
}

// Entries lie far apart in memory: the slices spare fetching most of them.
bool KeyTree::Has(const Node& node, int slot, const Key& key) {
  return node.slices[slot] == SliceOf(key.text, node.skip) &&
         Compare(KeyOf(node.keys[slot]), key) == 0;
}

char* KeyTree::Room(size_t bytes) {
  if (bytes > room_left_) {
    room_left_ = room_next_;
    room_ = allocate_(room_left_ + kLine - 1);
    room_ += (kLine - reinterpret_cast<uintptr_t>(room_) % kLine) % kLine;
    room_next_ = std::min(room_next_ * 2, kLargestRoom);
  }
  room_left_ -= bytes;
  return std::exchange(room_, room_ + bytes);
}

template <class Kind>
Kind* KeyTree::NewNode(const Bounds& bounds) {
  auto* node = new (Room(sizeof(Kind))) Kind();
  if (bounds.from != nullptr && bounds.to != nullptr) {
    node->skip =
        static_cast<uint32_t>(CommonPrefix(KeyOf(bounds.from).text, KeyOf(bounds.to).text));
  }
  return node;
}

void KeyTree::GrowRoot() {
  Inner* const old = root_.load(std::memory_order_relaxed);
  auto* root = NewNode<Inner>({});
  Node* const child = old != nullptr ? static_cast<Node*>(old) : NewNode<Leaf>({});
  root->children[0].store(child, std::memory_order_relaxed);
  root->order.store(WithPlace(0, 0), std::memory_order_relaxed);
  root_.store(root, std::memory_order_release);
}

// Full inner nodes on the way are split, so that there is room above the leaf.
KeyTree::Way KeyTree::WayTo(const Key& key) {
  Inner* root = root_.load(std::memory_order_relaxed);
  if (root == nullptr || Count(root->order.load(std::memory_order_relaxed)) == kSlots) GrowRoot();
  Way way;
  way.parent = root_.load(std::memory_order_relaxed);
  for (;;) {
    const uint64_t order = way.parent->order.load(std::memory_order_relaxed);
    way.place = CountBelow(*way.parent, order, 1, key, /*or_equal=*/true) - 1;
    Bounds bounds = way.bounds;
    if (way.place > 0) bounds.from = way.parent->keys[SlotAt(order, way.place)];
    if (way.place + 1 < Count(order)) bounds.to = way.parent->keys[SlotAt(order, way.place + 1)];
    Node* const child =
        way.parent->children[SlotAt(order, way.place)].load(std::memory_order_relaxed);
    child->Prefetch();
    if (!child->is_leaf && Count(child->order.load(std::memory_order_relaxed)) == kSlots) {
      SplitInner(way.parent, way.place, bounds);
      continue;
    }
    way.bounds = bounds;
    if (child->is_leaf) {
      way.leaf = static_cast<Leaf*>(child);
      return way;
    }
    way.parent = static_cast<Inner*>(child);
  }
}

void KeyTree::AddChild(Inner* parent, int place, const char* separator, Node* child) {
  const uint64_t order = parent->order.load(std::memory_order_relaxed);
  const int slot = Count(order);
  parent->Write(slot, separator);
  parent->children[slot].store(child, std::memory_order_relaxed);
  parent->order.store(WithPlace(order, place), std::memory_order_release);
}

// The right half becomes the parent's first, and only then the left one takes the whole's place:
// Descend() relies on it.
void KeyTree::SplitInner(Inner* parent, int place, const Bounds& bounds) {
  const uint64_t order = parent->order.load(std::memory_order_relaxed);
  auto& slot = parent->children[SlotAt(order, place)];
  const auto& whole = static_cast<const Inner&>(*slot.load(std::memory_order_relaxed));
  const uint64_t places = whole.order.load(std::memory_order_relaxed);
  const char* const middle = whole.keys[SlotAt(places, kSlots / 2)];
  Inner* const halves[] = {NewNode<Inner>({bounds.from, middle}),
                           NewNode<Inner>({middle, bounds.to})};
  for (int from = 0; from < kSlots; ++from) {
    Inner* const half = halves[from / (kSlots / 2)];
    const int to = from % (kSlots / 2);
    // The first child of all has no key of its own.
    if (from > 0) half->Write(to, whole.keys[SlotAt(places, from)]);
    half->children[to].store(whole.children[SlotAt(places, from)].load(std::memory_order_relaxed),
                             std::memory_order_relaxed);
    half->order.store(WithPlace(half->order.load(std::memory_order_relaxed), to),
                      std::memory_order_relaxed);
  }
  AddChild(parent, place + 1, middle, halves[1]);
  slot.store(halves[0], std::memory_order_release);
}

// For keys that come in their order: the full leaf stays as it is.
KeyTree::Leaf* KeyTree::AddLeafBehind(const Way& way, const char* entry) {
  auto* leaf = NewNode<Leaf>({entry, way.bounds.to});
  leaf->Write(0, entry);
  leaf->order.store(WithPlace(0, 0), std::memory_order_relaxed);
  Leaf* const next = way.leaf->next.load(std::memory_order_relaxed);
  leaf->next.store(next, std::memory_order_relaxed);
  leaf->previous = way.leaf;
  if (next != nullptr) next->previous = leaf;
  way.leaf->next.store(leaf, std::memory_order_release);
  AddChild(way.parent, way.place + 1, entry, leaf);
  return leaf;
}

// Two leaves for the full one and an entry; gives the one that has it.
KeyTree::Leaf* KeyTree::SplitLeaf(const Way& way, int place, const char* entry) {
  const uint64_t order = way.leaf->order.load(std::memory_order_relaxed);
  const char* entries[kSlots + 1];
  for (int i = 0; i <= kSlots; ++i) {
    entries[i] = i == place ? entry : way.leaf->keys[SlotAt(order, i < place ? i : i - 1)];
  }
  constexpr int kMiddle = (kSlots + 1) / 2;
  auto* left = NewNode<Leaf>({way.bounds.from, entries[kMiddle]});
  auto* right = NewNode<Leaf>({entries[kMiddle], way.bounds.to});
  for (int i = 0; i <= kSlots; ++i) {
    Leaf* const leaf = i < kMiddle ? left : right;
    const uint64_t places = leaf->order.load(std::memory_order_relaxed);
    leaf->Write(Count(places), entries[i]);
    leaf->order.store(WithPlace(places, Count(places)), std::memory_order_relaxed);
  }
  Leaf* const next = way.leaf->next.load(std::memory_order_relaxed);
  right->next.store(next, std::memory_order_relaxed);
  right->previous = left;
  if (next != nullptr) next->previous = right;
  left->next.store(right, std::memory_order_relaxed);
  left->previous = way.leaf->previous;
  const int slot = SlotAt(way.parent->order.load(std::memory_order_relaxed), way.place);
  AddChild(way.parent, way.place + 1, entries[kMiddle], right);
  way.parent->children[slot].store(left, std::memory_order_release);
  if (left->previous != nullptr) left->previous->next.store(left, std::memory_order_release);
  return place < kMiddle ? left : right;
}

bool KeyTree::Add(const char* entry) {
  const Key key = KeyOf(entry);
  Way way;
  way.leaf = last_;
  way.bounds = last_bounds_;
  if (last_ == nullptr || Count(last_->order.load(std::memory_order_relaxed)) == kSlots ||
      !Within(last_bounds_, key)) {
    way = WayTo(key);
  }
  const uint64_t order = way.leaf->order.load(std::memory_order_relaxed);
  const int place = CountBelow(*way.leaf, order, 0, key, /*or_equal=*/false);
  if (place < Count(order) && Has(*way.leaf, SlotAt(order, place), key)) return false;
  if (Count(order) < kSlots) {
    way.leaf->Write(Count(order), entry);
    way.leaf->order.store(WithPlace(order, place), std::memory_order_release);
    last_ = way.leaf;
    last_bounds_ = way.bounds;
  } else if (place == kSlots) {
    last_ = AddLeafBehind(way, entry);
    last_bounds_ = {entry, way.bounds.to};
  } else {
    last_ = SplitLeaf(way, place, entry);
    const Leaf* const right =
        place < (kSlots + 1) / 2 ? last_->next.load(std::memory_order_relaxed) : last_;
    const char* const middle = right->keys[0];
    last_bounds_ = right == last_ ? Bounds{middle, way.bounds.to} : Bounds{way.bounds.from, middle};
  }
  return true;
}

}  // namespace crm::store
