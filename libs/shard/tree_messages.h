#pragma once

#include <google/protobuf/message.h>

#include <map>
#include <memory>
#include <string>

#include "crm/activity/v1/connection.pb.h"
#include "crm/activity/v1/task.pb.h"
#include "crm/sales/v1/account.pb.h"
#include "crm/sales/v1/contact.pb.h"
#include "crm/sales/v1/opportunity.pb.h"
#include "libs/record/the_catalogue.h"
#include "libs/shard/calm_shard.h"
#include "libs/shard/merge.h"

// For tests: records of a tree by their names and fields, and commands that merge two of them.
namespace crm::shard {

using activity::v1::Connection;
using activity::v1::Task;
using record::TheCatalogue;
using sales::v1::Account;
using sales::v1::Contact;
using sales::v1::MergeAccountsRequest;
using sales::v1::MergeAccountsResponse;
using sales::v1::Opportunity;
using sales::v1::UnmergeAccountRequest;
using sales::v1::UnmergeAccountResponse;

inline std::string CollectionOf(const std::string& name) { return name.substr(0, name.find('/')); }

// Requests to merge contacts have the same fields as those to merge accounts.
inline Refusable<MergeAccountsResponse> MergeTwo(const MergeAccountsRequest& request,
                                                 Transaction& tx) {
  const Merging merging{tx.catalogue().FindType(CollectionOf(request.name())),
                        request.name(),
                        "",
                        request.subordinate(),
                        {request.take().paths().begin(), request.take().paths().end()},
                        Account::STATE_INACTIVE,
                        Account::STATUS_INACTIVE};
  Moved moved;
  auto status = Merge(merging, tx, &moved);
  if (status.code() != record::kOk) return Refusal(status);
  return MergeAccountsResponse();
}

inline Refusable<UnmergeAccountResponse> UnmergeOne(const UnmergeAccountRequest& request,
                                                    Transaction& tx) {
  Moved moved;
  auto status = Unmerge(*tx.catalogue().FindType(CollectionOf(request.name())), request.name(), "",
                        tx, &moved);
  if (status.code() != record::kOk) return Refusal(status);
  return UnmergeAccountResponse();
}

// What the model calls text1 and text2.
inline std::string FieldOf(const std::string& collection, const std::string& field) {
  if (field == "text1") return "description";
  if (field == "text2") return "telephone1";
  return field == "title" && collection == "contacts" ? "last_name"
         : field == "title" && collection == "tasks"  ? "subject"
         : field == "title"                           ? "display_name"
                                                      : field;
}

inline std::string MergePath(const std::string& collection) {
  return collection == "accounts" ? "/crm.sales.v1.Accounts/MergeAccounts"
                                  : "/crm.sales.v1.Contacts/MergeContacts";
}
inline std::string UnmergePath(const std::string& collection) {
  return collection == "accounts" ? "/crm.sales.v1.Accounts/UnmergeAccount"
                                  : "/crm.sales.v1.Contacts/UnmergeContact";
}
inline void BindMerging(Behaviours* behaviours) {
  for (const char* collection : {"accounts", "contacts"}) {
    behaviours->Bind(MergePath(collection), MergeTwo);
    behaviours->Bind(UnmergePath(collection), UnmergeOne);
  }
}

inline std::unique_ptr<google::protobuf::Message> MessageOf(
    const std::string& name, const std::map<std::string, std::string>& fields) {
  const std::string collection = CollectionOf(name);
  std::unique_ptr<google::protobuf::Message> message;
  if (collection == "accounts") message = std::make_unique<Account>();
  if (collection == "contacts") message = std::make_unique<Contact>();
  if (collection == "opportunities") message = std::make_unique<Opportunity>();
  if (collection == "tasks") message = std::make_unique<Task>();
  if (collection == "connections") message = std::make_unique<Connection>();
  auto set = [&](const std::string& field, const std::string& value) {
    message->GetReflection()->SetString(message.get(),
                                        message->GetDescriptor()->FindFieldByName(field), value);
  };
  set("name", name);
  for (const auto& [field, value] : fields) set(FieldOf(collection, field), value);
  return message;
}

}  // namespace crm::shard
