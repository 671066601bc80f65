#include "libs/store/key_tree.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace crm::store {
namespace {

std::string Bytes(std::string_view text, uint64_t tag) {
  std::string key(text);
  for (int i = 0; i < 8; ++i) key.push_back(static_cast<char>(tag >> (8 * i)));
  return key;
}

// A tree with the memory and the entries it needs.
class Tree {
 public:
  KeyTree& operator*() { return tree_; }
  const KeyTree& operator*() const { return tree_; }

  bool Add(std::string_view text, uint64_t tag) {
    const std::string key = Bytes(text, tag);
    std::string entry;
    size_t size = key.size();
    for (; size >= 0x80; size >>= 7) entry.push_back(static_cast<char>(size | 0x80));
    entry.push_back(static_cast<char>(size));
    entries_.push_back(entry + key);
    return tree_.Add(entries_.back().data());
  }

  static std::string KeyAt(const KeyTree::Cursor& cursor) {
    const char* at = cursor.entry();
    size_t size = 0;
    for (int shift = 0;; shift += 7) {
      const auto byte = static_cast<uint8_t>(*at++);
      size |= size_t{byte & 0x7fu} << shift;
      if (byte < 0x80) return {at, size};
    }
  }

 private:
  std::deque<std::string> entries_;
  std::vector<std::unique_ptr<char[]>> rooms_;
  KeyTree tree_{[this](size_t bytes) {
    rooms_.push_back(std::make_unique<char[]>(bytes));
    return rooms_.back().get();
  }};
};

// The order that the tree promises.
struct Before {
  bool operator()(const std::pair<std::string, uint64_t>& left,
                  const std::pair<std::string, uint64_t>& right) const {
    if (left.first != right.first) return left.first < right.first;
    return left.second > right.second;
  }
};
using Model = std::map<std::pair<std::string, uint64_t>, bool, Before>;

std::string BytesOf(const Model::value_type& entry) {
  return Bytes(entry.first.first, entry.first.second);
}

// Texts as indexes have them: long common beginnings, few values, bytes of zero, one within
// another.
std::string AnyText(std::mt19937_64& random, int kind) {
  switch (kind) {
    case 0:
      return std::string(random() % 12, static_cast<char>(random() % 3));
    case 1:
      return "a common beginning " + std::to_string(random() % 40) + "/" +
             std::to_string(random() % 1000);
    case 2:
      return std::string(random() % 150, 'x') + std::to_string(random() % 10);
    default:
      return "id" + std::to_string(1'000'000 + random() % 1'000'000);
  }
}

void ExpectSame(const Tree& tree, const Model& model, std::mt19937_64& random) {
  KeyTree::Cursor cursor(*tree);
  cursor.SeekFirst();
  for (const auto& entry : model) {
    ASSERT_TRUE(cursor.Valid());
    ASSERT_EQ(Tree::KeyAt(cursor), BytesOf(entry));
    cursor.Next();
  }
  ASSERT_FALSE(cursor.Valid());
  cursor.SeekLast();
  for (auto entry = model.rbegin(); entry != model.rend(); ++entry) {
    ASSERT_TRUE(cursor.Valid());
    ASSERT_EQ(Tree::KeyAt(cursor), BytesOf(*entry));
    cursor.Previous();
  }
  ASSERT_FALSE(cursor.Valid());
  for (int i = 0; i < 300; ++i) {
    const std::pair<std::string, uint64_t> wanted{AnyText(random, static_cast<int>(random() % 4)),
                                                  random() % 9};
    const std::string key = Bytes(wanted.first, wanted.second);
    cursor.Seek(key);
    const auto at = model.lower_bound(wanted);
    ASSERT_EQ(cursor.Valid(), at != model.end());
    if (cursor.Valid()) {
      ASSERT_EQ(Tree::KeyAt(cursor), BytesOf(*at));
    }
    cursor.SeekBack(key);
    auto behind = model.upper_bound(wanted);
    ASSERT_EQ(cursor.Valid(), behind != model.begin());
    if (cursor.Valid()) {
      ASSERT_EQ(Tree::KeyAt(cursor), BytesOf(*--behind));
    }
  }
}

TEST(KeyTree, IsAnOrderedSet) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    Tree tree;
    Model model;
    ExpectSame(tree, model, random);
    const size_t count = size_t{1} << (random() % 13);
    const int kinds = 1 + static_cast<int>(random() % 4);
    while (model.size() < count) {
      const int kind = static_cast<int>(random() % static_cast<uint64_t>(kinds));
      std::string text = kind == 3 && random() % 2 ? "asc" + std::to_string(10'000 + model.size())
                                                   : AnyText(random, kind);
      const uint64_t tag = random() % 9 + (model.size() / 200) * 9;
      const bool added = model.try_emplace({text, tag}, true).second;
      ASSERT_EQ(tree.Add(text, tag), added);
    }
    ExpectSame(tree, model, random);
  }
}

TEST(KeyTree, TakesKeysInOrderEitherWay) {
  for (const bool down : {false, true}) {
    std::mt19937_64 random(1);
    Tree tree;
    Model model;
    for (int i = 0; i < 3000; ++i) {
      const std::string text = std::to_string(down ? 99'999 - i : 10'000 + i);
      ASSERT_TRUE(tree.Add(text, 1));
      model[{text, 1}] = true;
    }
    ExpectSame(tree, model, random);
  }
}

// Added by one thread while others read: the tag is the entry's place in the order of adding.
class Growing {
 public:
  Growing() {
    std::mt19937_64 random(7);
    for (int i = 0; i < 15'000; ++i) {
      texts_.push_back(i % 3 == 0 ? "same/" + std::to_string(100'000 + i) : AnyText(random, i % 4));
    }
  }

  void Grow() {
    for (size_t i = 0; i < texts_.size(); ++i) {
      if (!tree_.Add(texts_[i], i)) ++wrong_;
      added_.store(i + 1, std::memory_order_release);
    }
    over_.store(true, std::memory_order_release);
  }

  // What was there when a reader came, it finds.
  void Look(uint64_t seed) {
    std::mt19937_64 random(seed);
    KeyTree::Cursor cursor(*tree_);
    while (!over_.load(std::memory_order_acquire)) {
      const size_t there = added_.load(std::memory_order_acquire);
      if (there == 0) continue;
      const size_t which = random() % there;
      const std::string key = Bytes(texts_[which], which);
      cursor.Seek(key);
      if (!cursor.Valid() || Tree::KeyAt(cursor) != key) ++wrong_;
      cursor.SeekBack(key);
      if (!cursor.Valid() || Tree::KeyAt(cursor) != key) ++wrong_;
    }
  }

  // In order, and each once.
  void Walk(bool back) {
    KeyTree::Cursor cursor(*tree_);
    while (!over_.load(std::memory_order_acquire)) {
      const size_t there = added_.load(std::memory_order_acquire);
      size_t seen = 0;
      std::string last;
      for (back ? cursor.SeekLast() : cursor.SeekFirst(); cursor.Valid();
           back ? cursor.Previous() : cursor.Next()) {
        const std::string key = Tree::KeyAt(cursor);
        uint64_t tag = 0;
        std::memcpy(&tag, key.data() + key.size() - 8, 8);
        seen += tag < there;
        const auto text = key.substr(0, key.size() - 8);
        if (!last.empty() && (back ? last < text : text < last)) ++wrong_;
        last = text;
      }
      if (seen != there) ++wrong_;
    }
  }

  int wrong() const { return wrong_; }

 private:
  Tree tree_;
  std::vector<std::string> texts_;
  std::atomic<size_t> added_{0};
  std::atomic<int> wrong_{0};
  std::atomic<bool> over_{false};
};

TEST(KeyTree, IsReadWhileItGrows) {
  Growing growing;
  std::vector<std::thread> readers;
  readers.emplace_back([&] { growing.Look(1); });
  readers.emplace_back([&] { growing.Look(2); });
  readers.emplace_back([&] { growing.Walk(/*back=*/false); });
  readers.emplace_back([&] { growing.Walk(/*back=*/true); });
  growing.Grow();
  for (auto& reader : readers) reader.join();
  EXPECT_EQ(growing.wrong(), 0);
}

}  // namespace
}  // namespace crm::store
