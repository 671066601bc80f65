#pragma once

#include <set>
#include <string>
#include <vector>

#include "libs/shard/standard.h"
#include "libs/store/view.h"

// Deletes, and returns, that take more than one commit. Each commit has an event of the record that
// was named, so that its history tells what belongs together:
//
//   deletion_started    it has a delete_time, and is hidden with all that goes with it
//   deletion_continued  some of that is deleted, children first
//   deleted             the rest, and the record itself
//
//   undeletion_started, undeletion_continued    the same backwards, hidden until
//   undeleted                                   nothing is missing any more
namespace crm::shard {

// What one delete did to a record and its tree, whatever commits it took.
struct Deletion {
  std::vector<log::Stored> events;  // in order
  bool unfinished = false;         // the record itself was never deleted, nor all that goes with it
  bool returning = false;          // what it took is on its way back
  int64_t began = 0;               // offset of the record's own event that it began with
  std::set<std::string> returned;  // names of what is back already
};
// The delete that took the record last; it is deleted, or it has a delete_time.
Deletion DeletionOf(const store::View& view, const record::Catalogue& catalogue,
                    const store::RecordKey& key);

// One commit of a return.
record::Status ContinueReturn(const record::RecordType& type, const record::Uuid& id,
                              Transaction& tx);
std::string WithoutDeleteTime(const std::string& image);

}  // namespace crm::shard
