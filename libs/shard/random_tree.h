#pragma once

#include <gtest/gtest.h>

#include "crm/activity/v1/connection.pb.h"
#include "crm/activity/v1/task.pb.h"
#include "crm/sales/v1/account.pb.h"
#include "crm/sales/v1/contact.pb.h"
#include "crm/sales/v1/opportunity.pb.h"
#include "libs/shard/calm_shard.h"
#include "libs/shard/merge.h"
#include "libs/shard/tree_model.h"

// Random trees of accounts, contacts, deals, tasks and connections, deleted, brought back, merged
// and unmerged: the shard must do what the plain model does.
namespace crm::shard {

using activity::v1::Connection;
using activity::v1::Task;
using sales::v1::Account;
using sales::v1::Contact;
using sales::v1::MergeAccountsRequest;
using sales::v1::MergeAccountsResponse;
using sales::v1::Opportunity;
using sales::v1::UnmergeAccountRequest;
using sales::v1::UnmergeAccountResponse;

constexpr int kRandomSteps = 70;

inline const record::Catalogue& TheCatalogue() {
  static const auto catalogue = record::BuiltInCatalogue();
  return **catalogue;
}

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

class RandomTree {
 public:
  explicit RandomTree(uint64_t seed, Limits limits = {})
      : dice_(seed), shard_(TheCatalogue(), seed + 1, limits) {
    for (const char* service : {"Accounts", "Contacts"}) {
      const std::string path = std::string("/crm.sales.v1.") + service;
      shard_.behaviours.Bind(path + "/Merge" + service, MergeTwo);
      shard_.behaviours.Bind(
          path + "/Unmerge" + std::string(service).substr(0, std::string(service).size() - 1),
          UnmergeOne);
    }
    shard_.Start();
  }

  void Go() {
    for (int i = 0; i < 4; ++i) CreateOne("accounts");
    for (int i = 0; i < 4; ++i) CreateOne("contacts");
    for (int step = 0; step < kRandomSteps && !testing::Test::HasFailure(); ++step) {
      SCOPED_TRACE("step " + std::to_string(step));
      Step();
      Settle();
      Compare();
    }
  }

  // How many deletes and returns took more than one commit.
  int cascades() const { return cascades_; }

 private:
  void Step() {
    switch (dice_.Below(10)) {
      case 0:
        return CreateOne(dice_.Chance(0.5) ? "accounts" : "contacts");
      case 1:
        return CreateOne("opportunities");
      case 2:
        return CreateOne("tasks");
      case 3:
        return CreateOne("connections");
      case 4:
        return ChangeOne();
      case 5:
        return DeleteOne();
      case 6:
        return UndeleteOne();
      case 7:
      case 8:
        return MergeSome();
      default:
        return UnmergeSome();
    }
  }

  template <class Choose>
  std::string Any(Choose choose) {
    std::vector<std::string> names;
    for (const auto& [name, node] : model_.nodes()) {
      if (choose(name, node)) names.push_back(name);
    }
    return names.empty() ? "" : names[dice_.Below(names.size())];
  }
  std::string AnyOf(const std::vector<std::string>& collections) {
    return Any([&](const std::string& name, const Node& node) {
      return !node.deleted && std::find(collections.begin(), collections.end(),
                                        CollectionOf(name)) != collections.end();
    });
  }
  std::string AnyCustomer() { return AnyOf({"accounts", "contacts"}); }
  std::string Maybe(std::string text) { return dice_.Chance(0.6) ? text : ""; }

  std::map<std::string, std::string> RandomFields(const std::string& collection) {
    std::map<std::string, std::string> fields;
    auto set = [&](const std::string& field, const std::string& value) {
      if (!value.empty()) fields[field] = value;
    };
    if (collection == "accounts" || collection == "contacts") {
      set("text1", Maybe("about " + std::to_string(dice_.Below(4))));
      set("text2", Maybe("07" + std::to_string(dice_.Below(4))));
    }
    if (collection == "accounts") {
      set("parent_account", Maybe(AnyOf({"accounts"})));
      set("primary_contact", Maybe(AnyOf({"contacts"})));
    } else if (collection == "contacts") {
      set("parent_customer", Maybe(AnyCustomer()));
    } else if (collection == "opportunities") {
      set("customer", Maybe(AnyCustomer()));
      set("parent_account", Maybe(AnyOf({"accounts"})));
      set("parent_contact", Maybe(AnyOf({"contacts"})));
    } else if (collection == "tasks") {
      set("regarding", Maybe(AnyOf({"accounts", "contacts", "opportunities"})));
    } else {
      set("record1", AnyCustomer());
      set("record2", AnyCustomer());
    }
    if (collection != "connections") set("title", "title " + std::to_string(++titles_));
    return fields;
  }

  void CreateOne(const std::string& collection) {
    auto fields = RandomFields(collection);
    if (collection == "connections" &&
        (!fields.contains("record1") || fields["record1"] == fields["record2"]))
      return;
    record::Uuid id =
        record::MakeUuidV7(1'700'000'000'000'000 + ++created_ * 1000, 0, dice_.Next());
    const std::string name = collection + "/" + id.Text();
    auto outcome = shard_.Create(*MessageOf(name, fields));
    ASSERT_EQ(outcome.status.code(), record::kOk) << outcome.status.DebugString();
    model_.Put(name, fields);
  }

  std::unique_ptr<google::protobuf::Message> MessageOf(
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

  void ChangeOne() {
    const std::string name = Any([](const std::string& each, const Node& node) {
      return !node.deleted && !node.merged && CollectionOf(each) != "connections" &&
             CollectionOf(each) != "tasks";
    });
    if (name.empty()) return;
    const std::string collection = CollectionOf(name);
    auto fields = RandomFields(collection);
    std::vector<std::string> choices = {"title"};
    for (const auto& [field, value] : fields) choices.push_back(field);
    const std::string field = choices[dice_.Below(choices.size())];
    const bool circle = collection != "opportunities" && field.starts_with("parent_") &&
                        model_.WouldCircle(name, field, fields[field]);
    auto outcome =
        shard_.Update(*MessageOf(name, {{field, fields[field]}}), {FieldOf(collection, field)});
    if (circle) {
      ASSERT_EQ(record::ReasonOf(outcome.status), "CYCLE") << outcome.status.DebugString();
      return;
    }
    ASSERT_EQ(outcome.status.code(), record::kOk) << outcome.status.DebugString();
    model_.Set(name, field, fields[field]);
  }

  void DeleteOne() {
    const std::string name = Any([](const auto&, const Node& node) { return !node.deleted; });
    if (name.empty()) return;
    auto outcome = shard_.Delete(name);
    ASSERT_EQ(outcome.status.code(), record::kOk) << outcome.status.DebugString();
    model_.Delete(name);
    if (!shard_.Busy()) return;
    ++cascades_;
    GoOn();
    CompareWhatIsThere();
    if (dice_.Chance(0.5) && model_.MayUndelete(name)) Undelete(name);
  }

  void UndeleteOne() {
    const std::string name = Any([](const auto&, const Node& node) { return node.deleted; });
    if (!name.empty()) Undelete(name);
  }

  void Undelete(const std::string& name) {
    auto outcome = shard_.Undelete(name);
    if (!model_.MayUndelete(name)) {
      ASSERT_EQ(record::ReasonOf(outcome.status), "PARENT_DELETED") << outcome.status.DebugString();
      return;
    }
    ASSERT_EQ(outcome.status.code(), record::kOk) << outcome.status.DebugString();
    if (!shard_.Busy()) return model_.Undelete(name);
    ++cascades_;
    GoOn();
    if (shard_.Busy()) CompareWhatIsThere();  // it is hidden until nothing is missing
    Settle();
    model_.Undelete(name);
  }

  // A part of what is under way happens, and the process may end there.
  void GoOn() {
    const uint64_t steps = dice_.Below(12);
    for (uint64_t step = 0; step < steps && shard_.Busy(); ++step) shard_.StepOnce();
    if (dice_.Chance(0.3)) shard_.Restart();
  }
  void Settle() {
    for (int step = 0; step < 2'000 && shard_.Busy(); ++step) shard_.StepOnce();
    ASSERT_FALSE(shard_.Busy());
  }
  void CompareWhatIsThere() {
    for (const auto& [name, node] : model_.nodes())
      ASSERT_EQ(shard_.Find(name).empty(), node.deleted) << name;
  }

  void MergeSome() {
    const std::string collection = dice_.Chance(0.5) ? "accounts" : "contacts";
    const std::string master = AnyOf({collection});
    const std::string subordinate = AnyOf({collection});
    if (master.empty()) return;
    MergeAccountsRequest request;
    request.set_name(master);
    request.set_subordinate(subordinate);
    std::set<std::string> take;
    for (const char* field : {"text1", "text2"}) {
      if (!dice_.Chance(0.3)) continue;
      take.insert(field);
      request.mutable_take()->add_paths(FieldOf(collection, field));
    }
    auto outcome = shard_.Call(collection == "accounts" ? "/crm.sales.v1.Accounts/MergeAccounts"
                                                        : "/crm.sales.v1.Contacts/MergeContacts",
                               request);
    if (!model_.MayMerge(master, subordinate)) {
      ASSERT_NE(outcome.status.code(), record::kOk);
      return;
    }
    ASSERT_EQ(outcome.status.code(), record::kOk) << outcome.status.DebugString();
    model_.Merge(master, subordinate, take);
  }

  void UnmergeSome() {
    const std::string name =
        Any([](const auto&, const Node& node) { return !node.deleted && node.merged; });
    if (name.empty()) return;
    UnmergeAccountRequest request;
    request.set_name(name);
    auto outcome =
        shard_.Call(CollectionOf(name) == "accounts" ? "/crm.sales.v1.Accounts/UnmergeAccount"
                                                     : "/crm.sales.v1.Contacts/UnmergeContact",
                    request);
    ASSERT_EQ(outcome.status.code(), record::kOk) << outcome.status.DebugString();
    model_.Unmerge(name);
  }

  void Compare() {
    for (const auto& [name, node] : model_.nodes()) {
      const std::string image = shard_.Find(name);
      ASSERT_EQ(image.empty(), node.deleted) << name;
      if (node.deleted) continue;
      auto message = MessageOf(name, {});
      message->ParseFromString(image);
      std::map<std::string, std::string> fields;
      auto get = [&](const std::string& field) {
        const auto* found =
            message->GetDescriptor()->FindFieldByName(FieldOf(CollectionOf(name), field));
        if (found == nullptr) return;
        const std::string value = message->GetReflection()->GetString(*message, found);
        if (!value.empty()) fields[field] = value;
      };
      for (const char* field :
           {"text1", "text2", "title", "parent_account", "parent_customer", "parent_contact",
            "primary_contact", "customer", "regarding", "record1", "record2", "master"})
        if (CollectionOf(name) != "connections" || std::string(field).starts_with("record"))
          get(field);
      ASSERT_EQ(fields, node.fields) << name;
      const auto* merged = message->GetDescriptor()->FindFieldByName("merged");
      ASSERT_EQ(merged != nullptr && message->GetReflection()->GetBool(*message, merged),
                node.merged)
          << name;
    }
  }

  log::SeededRandom dice_;
  CalmShard shard_;
  TreeModel model_;
  int cascades_ = 0;
  int titles_ = 0;
  int created_ = 0;
};

}  // namespace crm::shard
