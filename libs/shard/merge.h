#pragma once

#include <map>
#include <string>
#include <vector>

#include "libs/record/mask.h"
#include "libs/shard/transaction.h"

namespace crm::shard {

// Two records of one type of which one goes on for both. The type has the fields `merged` and
// `master`.
struct Merging {
  const record::RecordType* type = nullptr;
  std::string master;
  std::string master_etag;
  std::string subordinate;
  std::vector<std::string> take;  // fields taken from the subordinate even where the master has one
  int state = 0;                  // the subordinate's from now on, and its status
  int status = 0;
};

// What a merge, or taking one back, did.
struct Moved {
  std::string master;
  std::vector<std::string> fields;     // paths of the master that a merge filled
  std::map<std::string, int> records;  // by collection
  std::vector<std::string> conflicts;  // what had changed since and was left alone
  bool moving = false;                 // one commit does not hold it: the rest moves afterwards
};

// Fills what is empty on the master (not with an amount of another currency), moves every record
// whose reference cascades merges to the master, and closes the subordinate. Both must be in their
// type's first state. A reference of the master that would name itself or lead back to it is
// emptied, so in a hierarchy the master takes the subordinate's place where it was below it. A
// moved record is deleted if a unique index holds its double, if it links two records and both are
// the master now, or if another one links the same two alike. What is more than a commit holds is
// moved in further ones, see moving.h.
record::Status Merge(const Merging& merging, Transaction& tx, Moved* moved);
// Takes the subordinate's merge back: what the merge wrote, field by field, becomes what it was,
// where it still is what the merge made it. The rest stays and is told as a conflict, and so is
// what would refer to a deleted record or close a circle by now. Needs the history: the method says
// `reads_history`.
record::Status Unmerge(const record::RecordType& type, const std::string& subordinate,
                       const std::string& etag, Transaction& tx, Moved* moved);

}  // namespace crm::shard
