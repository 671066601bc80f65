#pragma once

#include <map>
#include <string>
#include <vector>

#include "libs/shard/command.h"
#include "libs/shard/transaction.h"

// The standard methods that change records, the same for all record types. Each returns OK and has
// staged its events, or why not.
namespace crm::shard {

record::Status Create(const Write& write, Transaction& tx, std::string* image);
record::Status Update(const Write& write, Transaction& tx, std::string* image);
record::Status Undelete(const Write& write, Transaction& tx, std::string* image);

// What a delete takes with it, found before anything is written.
struct DeletePlan {
  struct Item {
    const record::RecordType* type = nullptr;
    record::Uuid id;
    std::string image;
    std::vector<const record::Field*> unlink;  // fields to empty; none: the record goes
  };
  std::vector<Item> deleted;  // children before their parents, the named record last
  std::vector<Item> unlinked;
  std::map<std::string, int> blockers;  // by collection
};
DeletePlan PlanDelete(const record::RecordType& type, const record::Uuid& id,
                      const std::string& image, const Transaction& tx);
// `response`: a DeleteResponse's bytes without the position.
record::Status Delete(const Write& write, Transaction& tx, std::string* response);
// `response`: a PreviewDeleteResponse's bytes.
record::Status PreviewDelete(const Write& write, const Transaction& tx, std::string* response);

// ---- shared by them
// The etag of an image as a number; 0 for none.
uint64_t EtagOf(std::string_view image);
record::Status CheckEtag(const std::string& wanted, std::string_view image,
                         const std::string& name);
// Defaults of a new record: owner, state, status, options.
std::string WithDefaults(const record::RecordType& type, std::string_view image,
                         const Transaction& tx);
// The fields that follow from others.
std::string Derived(const record::RecordType& type, std::string image, const Transaction& tx);
// The status belongs to the state; references that differ from `before` are alive and of a type
// that may be referred to.
void CheckState(const record::RecordType& type, std::string_view image, const std::string& prefix,
                std::vector<record::Violation>* violations);
void CheckReferences(const record::RecordType& type, std::string_view before,
                     std::string_view after, const std::string& prefix, const Transaction& tx,
                     std::vector<record::Violation>* violations);

}  // namespace crm::shard
