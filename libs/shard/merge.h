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
  std::vector<std::string> fields;     // of the master
  std::map<std::string, int> records;  // by collection
  std::vector<std::string> conflicts;  // what had changed since and was left alone
};

// Fills what is empty on the master, points every record whose reference cascades merges to the
// master, and closes the subordinate. Both must be in their types' first state. What would connect
// a record with itself is deleted; in a hierarchy the master takes the subordinate's place where it
// was below it.
record::Status Merge(const Merging& merging, Transaction& tx, Moved* moved);
// Takes the subordinate's merge back: exactly what it moved and filled, unless that has changed
// since. Needs the history: the method says `reads_history`.
record::Status Unmerge(const record::RecordType& type, const std::string& subordinate,
                       const std::string& etag, Transaction& tx, Moved* moved);

}  // namespace crm::shard
