#include "libs/store/memtable.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <mutex>
#include <new>
#include <optional>
#include <utility>
#include <vector>

#include "libs/store/key_tree.h"

namespace crm::store {
namespace {

// Has the pages of new memory made at once, rather than each by a fault when it is first written
// to, which shows in the profile. Where the kernel does not know the call, that is what happens.
void MakePages(char* memory, size_t bytes) {
  static const auto kPage = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  const auto from = (reinterpret_cast<uintptr_t>(memory) + kPage - 1) / kPage * kPage;
  const auto to = (reinterpret_cast<uintptr_t>(memory) + bytes) / kPage * kPage;
  if (from < to) (void)madvise(reinterpret_cast<void*>(from), to - from, MADV_POPULATE_WRITE);
}

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
      : MemTableRep(allocator), tree_([this](size_t bytes) { return NewRoom(bytes); }) {}

  // Room for an entry, which is taken from a larger piece.
  rocksdb::KeyHandle Allocate(size_t bytes, char** room) override {
    if (bytes > room_left_) {
      room_left_ = std::max(bytes, room_next_);
      room_ = NewRoom(room_left_);
      room_next_ = std::min(2 * room_left_, kLargestRoom);
    }
    room_left_ -= bytes;
    *room = std::exchange(room_, room_ + bytes);
    return *room;
  }

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
  static constexpr size_t kSmallestRoom = 1 << 10, kLargestRoom = 64 << 10;

  char* NewRoom(size_t bytes) {
    char* room = nullptr;
    MemTableRep::Allocate(bytes, &room);
    MakePages(room, bytes);
    return room;
  }

  KeyTree tree_;
  Places places_;
  char* room_ = nullptr;
  size_t room_left_ = 0;
  size_t room_next_ = kSmallestRoom;
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
