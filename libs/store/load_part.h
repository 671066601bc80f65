#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "libs/record/catalogue.h"
#include "libs/store/index_key.h"
#include "libs/store/layout.h"
#include "libs/store/row_list.h"
#include "libs/store/tables.h"

namespace crm::store {

// An event on its way into the tables.
struct LoadedEvent {
  RecordKey key;
  const record::RecordType* type = nullptr;
  int64_t offset = 0;
  int64_t position = 0;    // of its commit
  std::string_view image;  // empty: a deletion
  std::string_view body;
  std::string_view tenant;
};

// What some records' events change in the tables of records, their history and their indexes.
// Records come in the order of their keys, the events of each in the order of the log.
class LoadPart {
 public:
  // `nothing_before`: the tables are empty, so that nothing need be looked up in them.
  LoadPart(const Places& places, const Tables& tables, bool nothing_before)
      : places_of_(places), tables_(tables), nothing_before_(nothing_before) {}

  void Fold(std::span<const LoadedEvent> events);

  const RowList& records() const { return records_; }
  const RowList& history() const { return history_; }
  // A record that has, or had, a delete or a merge of more than one commit under way.
  struct Operation {
    RecordKey record;
    bool moves = false;   // it is a merge
    bool before = false;  // in the tables
    bool now = false;
  };
  const std::vector<Operation>& operations() const { return operations_; }
  // By tenant, type and index.
  using ByPrefix = std::map<std::string, RowList, std::less<>>;
  const ByPrefix& removed() const { return removed_; }
  const ByPrefix& put() const { return put_; }
  const ByPrefix& past() const { return past_; }
  // Of times at which records wake; in no order.
  const RowList& wakes_removed() const { return wakes_removed_; }
  const RowList& wakes_put() const { return wakes_put_; }

 private:
  // A record's place in one index, while its events are followed.
  struct Place {
    std::string before, now;  // keys; empty: none
    int64_t since = 0;        // of `now`, once it moved
    bool known = false;       // both are
    bool moved = false;
  };
  void FoldRecord(std::span<const LoadedEvent> events, std::string_view row);
  void Move(const LoadedEvent& event, const std::optional<record::Spans>& before,
            const std::optional<record::Spans>& after);
  void MoveWakes(const LoadedEvent& last, std::string_view before);
  void Settle(const LoadedEvent& last);
  int64_t SinceOf(const std::string& index_key) const;
  static RowList& ListOf(ByPrefix* lists, std::string_view key);

  const Places& places_of_;
  const Tables& tables_;
  const bool nothing_before_;
  Arena arena_;
  RowList records_, history_;
  std::vector<Operation> operations_;
  RowList wakes_removed_, wakes_put_;
  ByPrefix removed_, put_, past_;
  // Reused, because allocating them anew for each record shows in the profile.
  std::vector<Place> places_;
  std::vector<int64_t> since_;  // by slot
  std::string key_, past_key_, value_;
};

}  // namespace crm::store
