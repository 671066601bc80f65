#pragma once

#include <string>
#include <vector>

#include "libs/log/record.h"
#include "libs/shard/transaction.h"

// What the merge of a record did, from the history, whatever commits it took.
namespace crm::shard {

class MergeHistory {
 public:
  // The newest merge of the record into another one.
  MergeHistory(const record::RecordType& type, const record::Uuid& id, const Transaction& tx);

  bool empty() const { return parts_.empty(); }
  const std::string& master() const { return master_; }
  // Events of the subordinate, and of the master.
  const log::Stored& closing() const { return closing_; }
  const log::Stored& filling() const { return filling_; }
  // Events of other records, in order, from a place among them; as many as their commit still has.
  // Empty: there are none any more.
  std::vector<log::Stored> Others(int from) const;

 private:
  struct Part {
    log::Stored event;  // of the subordinate
    int before = 0;     // events of other records in the commits before
  };
  void FindParts(const record::RecordType& type, const store::RecordKey& key);
  std::vector<log::Stored> OthersOf(const Part& part) const;

  const Transaction& tx_;
  const std::string name_;
  std::string master_;
  std::vector<Part> parts_;  // oldest first
  log::Stored closing_, filling_;
};

}  // namespace crm::shard
