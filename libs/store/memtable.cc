#include "libs/store/memtable.h"

#include <mutex>
#include <new>
#include <optional>
#include <vector>

#include "libs/store/key_tree.h"

namespace crm::store {
namespace {

// Room for iterators. RocksDB wants to give the memory of some itself, from an allocator that it
// does not show, and then only calls their destructors: these come back here.
class Places {
 public:
  void* Take(size_t bytes) {
    const std::lock_guard lock(mutex_);
    if (free_.empty()) return ::operator new(bytes);
    void* const place = free_.back();
    free_.pop_back();
    return place;
  }
  void Return(void* place) {
    const std::lock_guard lock(mutex_);
    free_.push_back(place);
  }
  ~Places() {
    for (void* const place : free_) ::operator delete(place);
  }

 private:
  std::mutex mutex_;
  std::vector<void*> free_;
};

class TreeIterator : public rocksdb::MemTableRep::Iterator {
 public:
  explicit TreeIterator(const KeyTree& tree) : cursor_(tree) {}
  bool Valid() const override { return cursor_.Valid(); }
  const char* key() const override { return cursor_.entry(); }
  void Next() override { cursor_.Next(); }
  void Prev() override { cursor_.Previous(); }
  void Seek(const rocksdb::Slice& key, const char* entry) override {
    cursor_.Seek(KeyOf(key, entry));
  }
  void SeekForPrev(const rocksdb::Slice& key, const char* entry) override {
    cursor_.SeekBack(KeyOf(key, entry));
  }
  void SeekToFirst() override { cursor_.SeekFirst(); }
  void SeekToLast() override { cursor_.SeekLast(); }

 private:
  static std::string_view KeyOf(const rocksdb::Slice& key, const char* entry) {
    return (entry == nullptr ? key : rocksdb::GetLengthPrefixedSlice(entry)).ToStringView();
  }
  KeyTree::Cursor cursor_;
};

// Destroyed as the last part of what stands in the place, and has no part of its own to destroy.
class InPlace {
 public:
  InPlace(Places* places, void* place) : places_(places), place_(place) {}
  ~InPlace() { places_->Return(place_); }

 private:
  Places* const places_;
  void* const place_;
};

class PlacedIterator final : private InPlace, public TreeIterator {
 public:
  PlacedIterator(Places* places, void* place, const KeyTree& tree)
      : InPlace(places, place), TreeIterator(tree) {}
};

class TreeMemtable final : public rocksdb::MemTableRep {
 public:
  explicit TreeMemtable(rocksdb::Allocator* allocator)
      : MemTableRep(allocator), tree_([this](size_t bytes) {
          char* room = nullptr;
          Allocate(bytes, &room);
          return room;
        }) {}

  void Insert(rocksdb::KeyHandle handle) override { InsertKey(handle); }
  bool InsertKey(rocksdb::KeyHandle handle) override {
    return tree_.Add(static_cast<const char*>(handle));
  }
  bool Contains(const char* entry) const override {
    KeyTree::Cursor cursor(tree_);
    const auto key = rocksdb::GetLengthPrefixedSlice(entry);
    cursor.Seek(key.ToStringView());
    return cursor.Valid() && rocksdb::GetLengthPrefixedSlice(cursor.entry()) == key;
  }
  size_t ApproximateMemoryUsage() override { return 0; }  // all of it is the allocator's
  Iterator* GetIterator(rocksdb::Arena* arena) override {
    if (arena == nullptr) return new TreeIterator(tree_);
    void* const place = places_.Take(sizeof(PlacedIterator));
    return new (place) PlacedIterator(&places_, place, tree_);
  }
  // RocksDB's look-up of a key asks for one without an arena, and never deletes it: one a thread is
  // enough, as it is done with it before it looks up another key.
  Iterator* GetDynamicPrefixIterator(rocksdb::Arena* arena) override {
    if (arena != nullptr) return GetIterator(arena);
    thread_local std::optional<TreeIterator> iterator;
    return &iterator.emplace(tree_);
  }

 private:
  KeyTree tree_;
  Places places_;
};

class TreeMemtableFactory final : public rocksdb::MemTableRepFactory {
 public:
  using MemTableRepFactory::CreateMemTableRep;
  rocksdb::MemTableRep* CreateMemTableRep(const rocksdb::MemTableRep::KeyComparator&,
                                          rocksdb::Allocator* allocator,
                                          const rocksdb::SliceTransform*,
                                          rocksdb::Logger*) override {
    return new TreeMemtable(allocator);
  }
  const char* Name() const override { return "recall.TreeMemtable"; }
  bool CanHandleDuplicatedKey() const override { return true; }
};

}  // namespace

std::shared_ptr<rocksdb::MemTableRepFactory> TreeMemtables() {
  static const auto factory = std::make_shared<TreeMemtableFactory>();
  return factory;
}

}  // namespace crm::store
