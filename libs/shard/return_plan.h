#pragma once

#include <set>
#include <string>
#include <vector>

#include "libs/shard/deletion.h"
#include "libs/shard/transaction.h"

// What comes back when a delete is undone.
namespace crm::shard {

struct Deleted {
  const record::RecordType* type = nullptr;
  record::Uuid id;
  std::string name;
  std::string image;  // before it was deleted
};

// What is to come back with a record.
struct Return {
  std::vector<Deleted> tree;          // parents before their children
  std::vector<log::Stored> unlinked;  // events that emptied references
  std::set<std::string> names;        // of all that comes, or has come, back
  bool unfinished = false;            // some of it was not deleted yet
};

Return PlanReturn(const std::string& root, const Deletion& deletion, const Transaction& tx);
// What has been deleted since is not referred to by what comes back: a reference to it is emptied,
// and what can not be without it stays deleted. The root comes first and has been checked.
void LeaveOutDead(Return* plan, const Transaction& tx);
// Whether this is the name of a record that is there, hidden or not.
bool IsThere(const std::string& reference, const Transaction& tx);

}  // namespace crm::shard
