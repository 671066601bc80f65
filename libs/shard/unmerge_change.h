#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "libs/log/record.h"
#include "libs/shard/pieces.h"
#include "libs/shard/transaction.h"

namespace crm::shard {

// What takes one event of a merge back: the record as it is now, but with the fields that the event
// changed as they were before it, where they still are what it made them. The rest is a conflict,
// and so is what would refer to a deleted record or close a circle by now.
class ChangeBack {
 public:
  enum class Of { kMerged, kChild };  // the two that were merged, or another
  // `circles`: look for them; what would seem to close one may move out of the way later.
  ChangeBack(const log::Stored& event, Of of, const Transaction& tx, bool circles = true);

  const record::RecordType* type() const { return type_; }
  const std::string& name() const { return name_; }
  bool empty() const { return type_ == nullptr || after_ == now_; }
  // It was deleted as a double.
  bool revives() const { return !empty() && now_.empty(); }
  // It hangs on the subordinate again.
  bool moves() const { return !empty() && event_ == "reparented"; }
  const std::string& after() const { return after_; }
  const std::vector<std::string>& conflicts() const { return conflicts_; }
  record::Status Stage(Transaction& tx) const;

 private:
  void BringBack(const std::string& before, const Transaction& tx);
  void Revert(const std::string& before, const std::string& merged, const Transaction& tx);
  // What it referred to may be gone by now, or may hang under it.
  bool MayHold(const record::Field& field, const Piece* was, const Transaction& tx) const;

  const bool circles_;
  const record::RecordType* type_ = nullptr;
  record::Uuid id_;
  std::string name_;
  std::string event_;  // that it is told by
  std::string now_;    // empty: it is deleted
  std::string after_;
  uint64_t etag_ = 0;  // of `after_`
  std::vector<std::string> conflicts_;
};

}  // namespace crm::shard
