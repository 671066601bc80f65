#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "libs/store/event.h"
#include "libs/store/sorted_batch.h"
#include "libs/store/tables.h"
#include "libs/store/view.h"

namespace crm::store {

// How far reactors have come: what their commits and position records say, in the memory of the
// thread that applies, until it is written.
class ReachedRows {
 public:
  explicit ReachedRows(const Tables& tables) : tables_(tables) {}

  // The last event of a commit; nothing happens unless it is a reactor's.
  void AddCommit(const EventFacts& last);
  // The value of a position record.
  void AddRecord(std::string_view value);
  // Adds the rows that changed since the last call, and forgets them.
  void AddTo(SortedBatch* batch);
  // The same, by key.
  std::map<std::string, std::string> TakeChanged() { return std::exchange(rows_, {}); }

 private:
  std::string Get(const std::string& key) const;
  void Raise(const std::string& key, int64_t offset);

  const Tables& tables_;
  std::map<std::string, std::string> rows_;
};

}  // namespace crm::store
