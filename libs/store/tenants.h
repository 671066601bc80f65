#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "libs/store/event.h"
#include "libs/store/sorted_batch.h"
#include "libs/store/tables.h"
#include "libs/store/view.h"

namespace crm::store {

// The tenants of a store as of the newest event, in the memory of the thread that applies.
class Tenants {
 public:
  explicit Tenants(const Tables& tables);

  // The tenant's number, which is assigned at its first event. Moves its clock.
  TenantNumber Meet(const EventFacts& event);
  // The tenant's number, for a record that is another service's: its clock there is not the one
  // here.
  TenantNumber Number(std::string_view tenant) { return At(tenant).entry.number; }
  // From now on its events are passed over.
  void Park(std::string_view tenant);
  bool Parked(std::string_view tenant) const;
  uint64_t parked() const;
  // Of the tenant met last: one of its deletes takes more than one commit.
  void NoteCascade() { last_->second.entry.cascades = true; }
  // The same of one that was met before.
  void NoteCascade(TenantNumber tenant);
  // Adds the rows that changed since the last call.
  void AddTo(SortedBatch* batch);
  // The same, as pairs of key and value in the order of the keys.
  std::vector<std::pair<std::string, std::string>> TakeChanged();

 private:
  struct Row {
    TenantEntry entry;
    bool changed = false;
  };
  Row& At(std::string_view tenant);
  using Rows = std::map<std::string, Row, std::less<>>;
  Rows rows_;
  Rows::iterator last_ = rows_.end();  // events of one tenant come in runs
};

}  // namespace crm::store
