#pragma once

#include <gtest/gtest.h>

#include "libs/shard/tree_messages.h"
#include "libs/shard/tree_model.h"

// Random trees of accounts, contacts, deals, tasks and connections, deleted, brought back, merged
// and unmerged: the shard must do what the plain model does.
namespace crm::shard {

constexpr int kRandomSteps = 70;

// `Shard`: a CalmShard, or what has the same methods.
template <class Shard = CalmShard>
class RandomTree {
 public:
  explicit RandomTree(uint64_t seed, Limits limits = {})
      : dice_(seed), shard_(TheCatalogue(), seed + 1, limits) {
    BindMerging(&shard_.behaviours);
    shard_.Start();
  }

  void Go(int steps = kRandomSteps) {
    for (int i = 0; i < 4; ++i) CreateOne("accounts");
    for (int i = 0; i < 4; ++i) CreateOne("contacts");
    for (int step = 0; step < steps && !testing::Test::HasFailure(); ++step) {
      SCOPED_TRACE("step " + std::to_string(step));
      Step();
      Settle();
      Compare();
    }
  }

  Shard& shard() { return shard_; }
  // How many deletes and returns, and how many merges and ways back, took more than one commit.
  int cascades() const { return cascades_; }
  int movings() const { return movings_; }
  // How often a part of one that was under way could not go away.
  int refusals() const { return refusals_; }

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

  void ChangeOne() {
    ChangeOne([](const auto&...) { return true; });
  }
  template <class May>
  void ChangeOne(May may) {
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
    if (!may(name, field, fields[field])) return;
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
    std::set<std::string> take;
    for (const char* field : {"text1", "text2"}) {
      if (dice_.Chance(0.3)) take.insert(field);
    }
    auto outcome = Merge(master, subordinate, take);
    if (!model_.MayMerge(master, subordinate)) {
      ASSERT_NE(outcome.status.code(), record::kOk);
      return;
    }
    ASSERT_EQ(outcome.status.code(), record::kOk) << outcome.status.DebugString();
    model_.Merge(master, subordinate, take);
    if (shard_.Busy()) Meanwhile(master, subordinate, true);
  }

  auto Merge(const std::string& master, const std::string& subordinate,
             const std::set<std::string>& take) {
    MergeAccountsRequest request;
    request.set_name(master);
    request.set_subordinate(subordinate);
    for (const std::string& field : take)
      request.mutable_take()->add_paths(FieldOf(CollectionOf(master), field));
    return shard_.Call(MergePath(CollectionOf(master)), request);
  }

  void UnmergeSome() {
    const std::string name =
        Any([](const auto&, const Node& node) { return !node.deleted && node.merged; });
    if (name.empty()) return;
    const auto fields = model_.nodes().at(name).fields;
    const std::string master = fields.contains("master") ? fields.at("master") : name;
    auto outcome = Unmerge(name);
    ASSERT_EQ(outcome.status.code(), record::kOk) << outcome.status.DebugString();
    model_.Unmerge(name);
    if (shard_.Busy()) Meanwhile(master, name, false);
  }

  auto Unmerge(const std::string& name) {
    UnmergeAccountRequest request;
    request.set_name(name);
    return shard_.Call(UnmergePath(CollectionOf(name)), request);
  }

  // What moves in several commits is interrupted, others go on changing records, and neither of the
  // two goes away or is merged again.
  void Meanwhile(const std::string& master, const std::string& subordinate, bool merging) {
    ++movings_;
    if (dice_.Chance(0.5) && TakenAwayMeanwhile(master, subordinate, merging)) return;
    GoOn();
    for (int i = 0; i < 3; ++i) ChangeMeanwhile(master, subordinate, merging);
  }
  // Whether one of the two was deleted or merged, because all had moved just before.
  bool TakenAwayMeanwhile(const std::string& master, const std::string& subordinate, bool merging) {
    const std::string name = dice_.Chance(0.5) ? master : subordinate;
    if (dice_.Chance(0.5)) {
      if (Refused(shard_.Delete(name), "MERGE_UNDER_WAY")) return false;
      model_.Delete(name);
      return true;
    }
    if (const std::string third = AnyOf({CollectionOf(name)}); model_.MayMerge(third, name)) {
      if (Refused(Merge(third, name, {}), "MERGE_UNDER_WAY")) return false;
      model_.Merge(third, name, {});
      return true;
    }
    if (!merging || Refused(Unmerge(subordinate), "MERGE_UNDER_WAY")) return false;
    model_.Unmerge(subordinate);
    return true;
  }
  template <class Outcome>
  bool Refused(const Outcome& outcome, const std::string& reason) {
    if (outcome.status.code() == record::kOk) return false;
    EXPECT_EQ(record::ReasonOf(outcome.status), reason) << outcome.status.DebugString();
    ++refusals_;
    return true;
  }

  // What is hung on the subordinate now would still move, and before all is back not every circle
  // is one.
  void ChangeMeanwhile(const std::string& master, const std::string& subordinate, bool merging) {
    ChangeOne([&](const std::string& name, const std::string& field, const std::string& value) {
      if (name == subordinate || value == subordinate) return false;
      const bool text = field == "title" || field.starts_with("text");
      return merging || (text && name != master);
    });
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
      ExpectSettled(*message);
      const auto* merged = message->GetDescriptor()->FindFieldByName("merged");
      ASSERT_EQ(merged != nullptr && message->GetReflection()->GetBool(*message, merged),
                node.merged)
          << name;
    }
  }

  void ExpectSettled(const google::protobuf::Message& message) {
    const auto* time = message.GetDescriptor()->FindFieldByName("moving_time");
    if (time == nullptr) return;
    EXPECT_FALSE(message.GetReflection()->HasField(message, time));
    const auto* count = message.GetDescriptor()->FindFieldByName("moving_count");
    EXPECT_EQ(message.GetReflection()->GetInt32(message, count), 0);
  }

  log::SeededRandom dice_;
  Shard shard_;
  TreeModel model_;
  int cascades_ = 0;
  int movings_ = 0;
  int refusals_ = 0;
  int titles_ = 0;
  int created_ = 0;
};

}  // namespace crm::shard
