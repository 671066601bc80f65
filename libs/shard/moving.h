#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "libs/log/record.h"
#include "libs/shard/transaction.h"

// Merges, and their ways back, that take more than one commit. Each commit has an event of the
// subordinate, so that its history tells what belongs together; `moving_count` says how many other
// records the commits up to there have changed.
//
//   merged              it is closed, and its master filled; it has a moving_time from now on
//   merge_continued     some of what hangs on it has moved
//   merge_ended         the rest has; no moving_time any more
//
//   unmerged            it is as it was before, but still has its `master`, and a moving_time
//   unmerge_continued   some of what had moved is back
//   unmerge_ended       the rest is, and the master is as it was
//
// Meanwhile neither the subordinate nor its master is deleted or merged. What is moved is seen
// where it is at that moment.
namespace crm::shard {

bool IsMoving(const record::RecordType& type, std::string_view image);

// The name of a record that is moving and that this one is, or is the master of; empty: none.
std::string MovingWith(const record::RecordType& type, const record::Uuid& id,
                       std::string_view image, const Transaction& tx);
record::Status MergeUnderWay(const std::string& moving);

// One commit of the merge, or of the way back, of a record that has a moving_time.
record::Status ContinueMoving(const record::RecordType& type, const record::Uuid& id,
                              const std::string& image, Transaction& tx);
record::Status ContinueMerge(const record::RecordType& type, const record::Uuid& id,
                             const std::string& image, Transaction& tx);
record::Status ContinueUnmerge(const record::RecordType& type, const record::Uuid& id,
                               const std::string& image, Transaction& tx);

// Whether a commit is as large as a step's may be.
bool StepIsFull(const Transaction& tx);
// The subordinate's event in a commit of a merge or of its way back, with the other records that
// have changed so far. `more`: there are further commits to come.
record::Status StageStep(const record::RecordType& type, const record::Uuid& id,
                         std::string_view before, const std::string& after, int count, bool more,
                         std::string_view event, Transaction& tx);

}  // namespace crm::shard
