#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "libs/record/catalogue.h"
#include "libs/store/layout.h"
#include "libs/store/store.h"
#include "libs/store/tables.h"

namespace crm::store {

// Builds the indexes that were declared since the store was built, out of the history of their
// record types, a few records at a time, in the order of the records' keys. What comes before the
// key that it has reached is kept by applying from then on, what comes behind it is left to it.
class Reindex {
 public:
  // `layout` and `places` change only in Step().
  Reindex(const record::Catalogue& catalogue, std::shared_ptr<const Tables> tables, Layout* layout,
          Places* places);

  bool done() const { return at_ == works_.size(); }
  // Whatever the next steps have to read is counted, for progress(). Needs no lock.
  void Count();
  // Some records further, not while anything is applied. True when an index has become complete:
  // then Advance() comes next, once readers are shown it.
  bool Step();
  void Advance() { ++at_; }
  // Thread-safe. Of the index that is being built; empty once all are.
  std::vector<Store::Building> progress() const;

 private:
  struct Work {
    const record::RecordType* type;
    const record::Index* index;
    std::string name;
  };
  // One record's events, from the row that `it` stands at; leaves it behind them.
  int64_t Fold(const Work& work, rocksdb::Iterator* it, rocksdb::WriteBatch* batch);
  // Moves to the first row of the type at or behind the place that was reached. False: there is
  // none.
  bool Find(const Work& work, rocksdb::Iterator* it) const;
  int64_t CommitOf(TenantNumber tenant, int64_t offset) const;
  void Complete(const Work& work, rocksdb::WriteBatch* batch);

  const std::shared_ptr<const Tables> tables_;
  Layout& layout_;
  Places& places_;
  std::vector<Work> works_;
  std::atomic<size_t> at_{0};
  std::atomic<int64_t> events_{0};  // read of the one being built, since the start
  std::atomic<int64_t> total_{0};
  std::atomic<int64_t> since_us_{0};
};

}  // namespace crm::store
