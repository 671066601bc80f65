#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "libs/record/money.h"
#include "libs/shard/command.h"
#include "libs/shard/transaction.h"

// The standard methods that change records, the same for all record types. Each returns OK and has
// staged its events, or why not.
namespace crm::shard {

class Draft;

record::Status Create(const Write& write, Transaction& tx, std::string* image);
record::Status Update(const Write& write, Transaction& tx, std::string* image);
record::Status Undelete(const Write& write, Transaction& tx, std::string* image);

// Goes on with the delete, or the return, of a record that has a delete_time: one commit of it.
record::Status ContinueCascade(const record::RecordType& type, const record::Uuid& id,
                               const std::string& current, Transaction& tx);

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
  std::string under_way;                // one of them that is on its way back; empty: none
  std::string moving;  // one that is being merged into, or from, one of them; empty: none
  size_t bytes = 0;    // of the images that the unlinked are left with
  bool whole = true;   // false: there is more than one commit holds
};
// The whole of it; without images, where one commit does not hold it.
DeletePlan PlanDelete(const record::RecordType& type, const record::Uuid& id,
                      const std::string& image, const Transaction& tx);
// As much of it as one step takes, children first.
DeletePlan PlanStep(const record::RecordType& type, const record::Uuid& id,
                    const std::string& image, const Transaction& tx);
record::Status StagePlan(const DeletePlan& plan, Transaction& tx);
// `response`: a DeleteResponse's bytes without the position.
record::Status Delete(const Write& write, Transaction& tx, std::string* response);
// `response`: a PreviewDeleteResponse's bytes. What it stages is not to be kept.
record::Status PreviewDelete(const Write& write, Transaction& tx, std::string* response);

// ---- shared by them
// The etag of an image as a number; 0 for none.
uint64_t EtagOf(std::string_view image);
record::Status CheckEtag(const std::string& wanted, std::string_view image,
                         const std::string& name);
// Defaults of a new record: owner, state, status, options.
std::string WithDefaults(const record::RecordType& type, std::string_view image,
                         const Transaction& tx);
// Sets the fields that follow from others: those of the type's behaviour, and amounts in base
// currency. `before`: as it was, or empty; `prefix`: of its fields in the request.
record::Status Derive(const record::RecordType& type, std::string_view before,
                      const std::string& prefix, const Transaction& tx, std::string* image);
// Amounts of one record are of one currency, its `currency`; their twins in base currency follow
// the rate that holds when an amount is written. Without a base currency there are no twins.
record::Status SetBaseAmounts(const record::RecordType& type, const std::string& prefix,
                              const Transaction& tx, Draft* draft);
// A decimal above 0 with at most 12 digits before and behind the point, times 10^12.
std::optional<record::Wide> ScaledRate(std::string_view text);
// While the tenant has rules which statuses may follow which, no others may.
record::Status CheckStatusFollows(const record::RecordType& type, std::string_view before,
                                  std::string_view after, const Transaction& tx);
// The status after a transition: the one that the request names, or else the transition's or its
// state's own; null: the one that is named is none of that state.
const record::OptionValue* StatusAfter(const record::Method& method, std::string_view wanted);
// How that is told.
record::Violation NoStatusAfter(const record::Method& method, std::string_view wanted);
// Brings the named record from one state to another, as the method's `transition` says. `response`:
// a TransitionResponse's bytes.
record::Status RunTransition(const Command& command, Transaction& tx, std::string* response);
// `{full_name} is open.` with the record's own texts in place of the braces.
std::string FillIn(const std::string& text, const record::RecordType* type, std::string_view image);
// Leaves the post that the method's `post` says on the record that the command names.
record::Status LeavePost(const Command& command, Transaction& tx);
// The status belongs to the state; references that differ from `before` are alive and of a type
// that may be referred to.
void CheckState(const record::RecordType& type, std::string_view image, const std::string& prefix,
                std::vector<record::Violation>* violations);
void CheckReferences(const record::RecordType& type, std::string_view before,
                     std::string_view after, const std::string& prefix, const Transaction& tx,
                     std::vector<record::Violation>* violations);
// Following an `acyclic` reference that differs from `before` never leads back to the record.
void CheckCircles(const record::RecordType& type, const record::Uuid& id, std::string_view before,
                  std::string_view after, const std::string& prefix, const Transaction& tx,
                  std::vector<record::Violation>* violations);
// Whether the record would be reached from `reference` by the field, if it held it; nullopt: it
// takes more steps than anybody follows.
std::optional<bool> ClosesCircle(const record::RecordType& type, const record::Field& field,
                                 const record::Uuid& id, std::string_view reference,
                                 const Transaction& tx);

}  // namespace crm::shard
