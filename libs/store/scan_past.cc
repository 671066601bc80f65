#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "libs/record/key.h"
#include "libs/store/fork.h"
#include "libs/store/key.h"
#include "libs/store/scan.h"

namespace crm::store {
namespace {

using Iterator = std::unique_ptr<rocksdb::Iterator>;

// The part of an index that lies in one place of the tables: the live keys, or one node's.
class Source {
 public:
  Source(Iterator it, const std::string& prefix, const IndexRange& range, bool past)
      : it_(std::move(it)),
        range_(&range),
        from_(prefix + range.from),
        to_(range.to.empty() ? record::PrefixEnd(prefix) : prefix + range.to),
        prefix_(prefix.size()),
        suffix_(past ? kPositionSize : 0),
        reverse_(range.reverse) {
    // A key of the range may end up behind it with the end of its interval appended.
    if (past && !range.to.empty()) to_.append(kPositionSize, '\xff');
    if (reverse_) {
      it_->SeekForPrev(to_);
      if (it_->Valid() && it_->key() == rocksdb::Slice(to_)) it_->Prev();
    } else {
      it_->Seek(from_);
    }
  }

  // Moves on to a key that was there at the position, unless it stands at one. False at the end.
  bool Settle(const Tables& tables, int64_t position) {
    for (; InRange(); Step()) {
      if (Holds(position)) return true;
    }
    tables.Check(it_->status(), "reading an index");
    return false;
  }
  void Step() {
    if (reverse_) {
      it_->Prev();
    } else {
      it_->Next();
    }
  }

  // Values and id.
  std::string_view key() const {
    const auto whole = it_->key().ToStringView();
    return whole.substr(prefix_, whole.size() - prefix_ - suffix_);
  }
  Iterator Release() { return std::move(it_); }

 private:
  bool InRange() const {
    return it_->Valid() &&
           (reverse_ ? it_->key().compare(from_) >= 0 : it_->key().compare(to_) < 0);
  }

  bool Holds(int64_t position) const {
    if (ReadNumber<int64_t>(it_->value().ToStringView()) > position) return false;
    if (suffix_ == 0) return true;
    const auto whole = it_->key().ToStringView();
    if (ReadNumber<int64_t>(whole.substr(whole.size() - kPositionSize)) <= position) return false;
    return key() >= range_->from && (range_->to.empty() || key() < range_->to);
  }

  Iterator it_;
  const IndexRange* range_;
  std::string from_, to_;  // to_: never empty, because no tenant has the highest number
  size_t prefix_;
  size_t suffix_;
  bool reverse_;
};

class CursorPast final : public IndexCursor {
 public:
  CursorPast(std::shared_ptr<const Moment> moment, const IndexRange& range, int64_t position,
             int64_t newest)
      : moment_(std::move(moment)), range_(range), position_(position), reverse_(range.reverse) {
    std::string prefix;
    AppendIndexPrefix(range.tenant, range.type, range.index, &prefix);
    Add({New(Table::kIndex), prefix, range_, /*past=*/false});
    Iterator spare;
    for (const auto node :
         NodesAbove(static_cast<uint64_t>(position), static_cast<uint64_t>(newest))) {
      auto node_prefix = prefix;
      AppendNumber(node, &node_prefix);
      // Most nodes hold nothing in the range, and an iterator costs more than moving it.
      if (!spare) spare = New(Table::kIndexPast);
      spare = Add({std::move(spare), node_prefix, range_, /*past=*/true});
    }
  }

  bool Valid() const override { return !heap_.empty(); }

  void Next() override {
    std::pop_heap(heap_.begin(), heap_.end(), Later{reverse_});
    heap_.back().Step();
    if (heap_.back().Settle(moment_->tables(), position_)) {
      std::push_heap(heap_.begin(), heap_.end(), Later{reverse_});
    } else {
      heap_.pop_back();
    }
  }

  std::string_view key() const override { return heap_.front().key(); }
  record::Uuid id() const override { return ReadId(key().substr(key().size() - kIdSize)); }

 private:
  struct Later {
    bool reverse;
    bool operator()(const Source& a, const Source& b) const {
      return reverse ? a.key() < b.key() : a.key() > b.key();
    }
  };

  Iterator New(Table table) {
    auto options = moment_->options();
    options.total_order_seek = true;
    const auto& tables = moment_->tables();
    return Iterator(tables.db().NewIterator(options, tables[table]));
  }

  // Gives the iterator back if there is nothing for it to do.
  Iterator Add(Source source) {
    if (!source.Settle(moment_->tables(), position_)) return source.Release();
    heap_.push_back(std::move(source));
    std::push_heap(heap_.begin(), heap_.end(), Later{reverse_});
    return nullptr;
  }

  std::shared_ptr<const Moment> moment_;
  IndexRange range_;
  int64_t position_;
  bool reverse_;
  std::vector<Source> heap_;  // the next one first
};

}  // namespace

std::unique_ptr<IndexCursor> ScanPast(std::shared_ptr<const Moment> moment, const IndexRange& range,
                                      int64_t position, int64_t newest) {
  return std::make_unique<CursorPast>(std::move(moment), range, position, newest);
}

}  // namespace crm::store
