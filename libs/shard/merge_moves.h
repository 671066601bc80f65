#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "libs/record/spans.h"
#include "libs/shard/standard.h"

// What refers to a record that is merged into another, and what becomes of it.
namespace crm::shard {

struct MergeChild {
  const record::RecordType* type = nullptr;
  record::Uuid id;
  std::vector<const record::Referrer*> by;  // the references that name the subordinate
};

// A child on its way: it names the master instead, or is deleted as a double.
struct MergeMove {
  MergeChild child;
  std::string before;
  std::string after;
  std::optional<DeletePlan> drop;  // what goes with the double
  size_t events() const { return drop ? drop->deleted.size() + drop->unlinked.size() : 1; }
};

class MergeMoves {
 public:
  // `master`, `subordinate`: two records of the type, by name.
  MergeMoves(const record::RecordType& type, std::string master, std::string subordinate,
             const Transaction& tx);

  // Everything whose reference moves with a merge, in the order of types and ids.
  const std::vector<MergeChild>& children() const { return children_; }
  // Each child is asked for once: a later one may be the double of one before it. nullopt: it is
  // deleted, or hidden, and stays.
  std::optional<MergeMove> Look(const MergeChild& child);
  // The child of the subordinate that the master hangs under, by a reference that must not close a
  // circle; null: none. It moves in the commit that fills the master.
  const MergeChild* Between(const record::Field& field) const;

 private:
  void FindChildren();
  bool IsDouble(const MergeChild& child, const std::string& after);
  bool HasSameKey(const MergeChild& child, const record::Spans& after);
  bool NamesMasterTwice(const record::RecordType& type, const record::Spans& after) const;
  // What records of the type that name the master say, but for standard fields.
  std::set<std::string>& ContentsAtMaster(const record::RecordType& type);

  const record::RecordType& type_;
  const std::string master_;
  const std::string subordinate_;
  const Transaction& tx_;
  std::vector<MergeChild> children_;
  std::map<uint16_t, std::set<std::string>> contents_;           // by type
  std::set<std::pair<const record::Index*, std::string>> keys_;  // of those that were looked at
};

record::Status StageMove(const MergeMove& move, Transaction& tx);

}  // namespace crm::shard
