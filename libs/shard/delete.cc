#include <algorithm>
#include <set>
#include <span>

#include "crm/record/v1/methods.pb.h"
#include "libs/record/image.h"
#include "libs/record/key.h"
#include "libs/record/name.h"
#include "libs/shard/authorise.h"
#include "libs/shard/moving.h"
#include "libs/shard/shard.h"
#include "libs/shard/standard.h"
#include "libs/store/hiding.h"

namespace crm::shard {
namespace {

using Key = std::pair<const record::RecordType*, record::Uuid>;

// Walks from the record to those that refer to it, depth first, so that children come before their
// parents. Each record is looked at once, so that cycles end.
class Walk {
 public:
  enum class Extent { kWhole, kStep };
  Walk(const Transaction& tx, Extent extent, DeletePlan* plan)
      : tx_(tx), step_(extent == Extent::kStep), plan_(*plan) {}

  void Visit(const record::RecordType& type, const record::Uuid& id, std::string image) {
    if (!seen_.insert({&type, id}).second) return;
    const auto reference = record::EncodeValue(ReferenceField(), type.collection + "/" + id.Text());
    for (const record::Referrer& referrer : type.referrers) {
      if (referrer.on_delete == record::v1::NONE) continue;
      for (const record::Uuid& child :
           tx_.FindByIndex(*referrer.from, *referrer.index, *reference)) {
        if (step_ && full()) return;  // the record goes in a later step, once nothing hangs on it
        VisitReferrer(referrer, child);
      }
    }
    if (step_ && full()) return;
    if (IsMoving(type, image)) plan_.moving = type.collection + "/" + id.Text();
    plan_.deleted.push_back({&type, id, Kept(std::move(image)), {}});
  }

 private:
  void VisitReferrer(const record::Referrer& referrer, const record::Uuid& child) {
    std::optional<std::string> image = tx_.FindHidden(*referrer.from, child);
    if (!image || image->empty() || seen_.contains({referrer.from, child})) return;
    if (referrer.on_delete == record::v1::RESTRICT) {
      ++plan_.blockers[referrer.from->collection];
    } else if (store::GoesWith(referrer, *image)) {
      if (record::IsSetIn(*image, record::kDeleteTime))
        plan_.under_way = referrer.from->collection + "/" + child.Text();
      Visit(*referrer.from, child, *image);
    } else {
      if (referrer.field == referrer.from->Find("master") && IsMoving(*referrer.from, *image))
        plan_.moving = referrer.from->collection + "/" + child.Text();
      plan_.bytes += image->size();
      plan_.unlinked.push_back({referrer.from, child, Kept(*image), {referrer.field}});
    }
  }
  bool full() const {
    const Limits& limits = tx_.limits();
    return plan_.deleted.size() + plan_.unlinked.size() >=
               (step_ ? limits.step_events : limits.delete_events) ||
           plan_.bytes > limits.commit_bytes / 2;
  }
  // Of a plan that is too large for one commit only the counts are asked for.
  std::string Kept(std::string image) {
    if (!step_ && full()) plan_.whole = false;
    return plan_.whole ? std::move(image) : std::string();
  }
  static const record::Field& ReferenceField() {
    static const record::Field field = [] {
      record::Field reference;
      reference.kind = record::Kind::kReference;
      return reference;
    }();
    return field;
  }

  const Transaction& tx_;
  const bool step_;
  DeletePlan& plan_;
  std::set<Key> seen_;
};

using Counts = std::map<std::string, int>;  // by collection

// Of records that clients know of.
Counts CountsOf(std::span<const DeletePlan::Item> items) {
  Counts counts;
  for (const DeletePlan::Item& item : items) {
    if (!item.type->annotation.internal()) ++counts[item.type->collection];
  }
  return counts;
}

// Of what goes with the record that is named, which comes last.
Counts CountsBeside(const DeletePlan& plan) {
  return CountsOf(std::span(plan.deleted).first(plan.deleted.size() - 1));
}

record::Status Counted(record::Code code, std::string_view reason, const std::string& text,
                       const Counts& counts) {
  std::vector<record::Metadatum> metadata;
  std::string listed;
  for (const auto& [collection, count] : counts) {
    metadata.push_back({collection, std::to_string(count)});
    listed += (listed.empty() ? "" : ", ") + std::to_string(count) + " " + collection;
  }
  return record::MakeStatus(code, reason, text + ": " + listed + ".", metadata);
}

std::string NameOf(const DeletePlan::Item& item) {
  return item.type->collection + "/" + item.id.Text();
}

// From now on the record and its tree are hidden; the shard deletes them step by step.
record::Status StartDelete(const record::RecordType& type, const record::Uuid& id,
                           const std::string& image, Transaction& tx) {
  if (type.message->Find(record::kDeleteTime) == nullptr) {
    return record::MakeStatus(record::kFailedPrecondition, "TOO_MANY_CHANGES",
                              "More would be deleted than one command can change.");
  }
  tx.NoteCascade();
  record::ImageEdit edit(image);
  edit.SetTime(record::kDeleteTime, tx.time());
  return tx.Stage(type, id, image, edit.Build(), "deletion_started", EtagOf(image) + 1);
}

// Who may not read a record is told how many there are, and no name.
bool IsTold(const DeletePlan::Item& item, const Transaction& tx) {
  if (item.type->annotation.internal()) return false;
  if (tx.subject() == nullptr || !item.image.empty())
    return MayRead(*item.type, item.id, item.image, tx);
  // A plan that is too large keeps no images.
  const auto image = tx.Find(*item.type, item.id);
  return image && !image->empty() && MayRead(*item.type, item.id, *image, tx);
}

// Merges items of the same record: it may refer to two deleted records, or be deleted itself.
void Consolidate(DeletePlan* plan) {
  std::set<Key> deleted;
  for (const auto& item : plan->deleted) deleted.insert({item.type, item.id});
  std::map<Key, DeletePlan::Item> unlinked;
  for (auto& item : plan->unlinked) {
    if (deleted.contains({item.type, item.id})) continue;
    auto [at, added] = unlinked.try_emplace({item.type, item.id}, item);
    if (!added)
      at->second.unlink.insert(at->second.unlink.end(), item.unlink.begin(), item.unlink.end());
  }
  plan->unlinked.clear();
  for (auto& [key, item] : unlinked) plan->unlinked.push_back(std::move(item));
}

// What the trade can not do without stays. The record that is named is asked first: it comes last.
record::Status CheckKept(const DeletePlan& plan, const Transaction& tx) {
  for (auto item = plan.deleted.rbegin(); item != plan.deleted.rend(); ++item) {
    KeepFunction keep = tx.behaviours().FindKeep(item->type->collection);
    if (keep == nullptr) continue;
    auto image = tx.Find(*item->type, item->id);
    if (!image || image->empty()) continue;
    if (auto refusal = keep(*image, tx)) return tx.StatusOf(*refusal);
  }
  return {};
}

// `name`, or, for who may not read that, the record that would be deleted.
std::string Told(const std::string& name, const std::string& deleted, const Transaction& tx) {
  if (tx.subject() == nullptr) return name;
  const auto parsed = record::Name::Parse(name);
  const record::RecordType* type = tx.catalogue().FindType(parsed->collection);
  const auto image = tx.FindHidden(*type, parsed->id);
  return image && MayRead(*type, parsed->id, *image, tx) ? name : deleted;
}

// Why it is refused, whoever asks and whatever it may take along.
record::Status CheckPlan(const DeletePlan& plan, const std::string& name, const Transaction& tx) {
  if (!plan.blockers.empty()) {
    return Counted(record::kFailedPrecondition, "RESTRICTED", "Records forbid to delete " + name,
                   plan.blockers);
  }
  if (!plan.under_way.empty()) {
    const std::string told = Told(plan.under_way, name, tx);
    return record::MakeStatus(
        record::kFailedPrecondition, "UNDELETE_UNDER_WAY",
        told + ", or what hangs on it, is just being brought back; try again.", {{"name", told}});
  }
  if (!plan.moving.empty()) return MergeUnderWay(Told(plan.moving, name, tx));
  return CheckKept(plan, tx);
}

// The plan as events: all of them, or the first step's.
record::Status Stage(const Write& write, const std::string& image, const DeletePlan& plan,
                     Transaction& tx) {
  return plan.whole ? StagePlan(plan, tx) : StartDelete(*write.type, write.id, image, tx);
}

}  // namespace

DeletePlan PlanDelete(const record::RecordType& type, const record::Uuid& id,
                      const std::string& image, const Transaction& tx) {
  DeletePlan plan;
  Walk(tx, Walk::Extent::kWhole, &plan).Visit(type, id, image);
  Consolidate(&plan);
  return plan;
}

DeletePlan PlanStep(const record::RecordType& type, const record::Uuid& id,
                    const std::string& image, const Transaction& tx) {
  DeletePlan plan;
  Walk(tx, Walk::Extent::kStep, &plan).Visit(type, id, image);
  Consolidate(&plan);
  return plan;
}

record::Status StagePlan(const DeletePlan& plan, Transaction& tx) {
  for (const auto& item : plan.unlinked) {
    record::ImageEdit edit(item.image);
    for (const record::Field* field : item.unlink) edit.Clear(field->number);
    record::Status status =
        tx.Stage(*item.type, item.id, item.image, edit.Build(), "unlinked", EtagOf(item.image) + 1);
    if (status.code() != record::kOk) return status;
  }
  for (const auto& item : plan.deleted) {
    record::Status status = tx.StageDelete(*item.type, item.id, item.image);
    if (status.code() != record::kOk) return status;
  }
  return {};
}

record::Status Delete(const Write& write, Transaction& tx, std::string* response) {
  const record::RecordType& type = *write.type;
  const std::string name = type.collection + "/" + write.id.Text();
  std::optional<std::string> image = tx.Find(type, write.id);
  if (!image || image->empty()) return record::NotFound(name);
  record::Status status = Authorise(access::Right::kDelete, type, write.id, *image, tx);
  if (status.code() == record::kOk) status = CheckEtag(write.etag, *image, name);
  if (status.code() != record::kOk) return status;

  DeletePlan plan = PlanDelete(type, write.id, *image, tx);
  status = CheckPlan(plan, name, tx);
  if (status.code() != record::kOk) return status;
  if (const auto beside = CountsBeside(plan); !beside.empty() && !write.force) {
    return Counted(record::kFailedPrecondition, "HAS_CHILDREN",
                   "With force, these would be deleted with " + name, beside);
  }
  record::v1::DeleteResponse answer;
  if (!plan.whole) answer.add_deleted(name);
  for (const auto& item : plan.deleted) {
    if (plan.whole && IsTold(item, tx)) answer.add_deleted(NameOf(item));
  }
  *response = answer.SerializeAsString();
  return Stage(write, *image, plan, tx);
}

record::Status PreviewDelete(const Write& write, Transaction& tx, std::string* response) {
  const record::RecordType& type = *write.type;
  const std::string name = type.collection + "/" + write.id.Text();
  std::optional<std::string> image = tx.Find(type, write.id);
  if (!image || image->empty()) return record::NotFound(name);
  record::Status status = Authorise(access::Right::kRead, type, write.id, *image, tx);
  if (status.code() != record::kOk) return status;
  DeletePlan plan = PlanDelete(type, write.id, *image, tx);
  record::v1::PreviewDeleteResponse answer;
  const size_t most = tx.limits().commit_events;
  for (const auto& item : std::span(plan.deleted).last(std::min(most, plan.deleted.size()))) {
    if (IsTold(item, tx)) answer.add_deleted(NameOf(item));
  }
  for (const auto& item : std::span(plan.unlinked).first(std::min(most, plan.unlinked.size()))) {
    if (IsTold(item, tx)) answer.add_unlinked(NameOf(item));
  }
  const auto tell = [](const Counts& counts, auto* told) {
    told->insert(counts.begin(), counts.end());
  };
  tell(CountsBeside(plan), answer.mutable_counts());
  tell(CountsOf(plan.unlinked), answer.mutable_unlinked_counts());
  tell(plan.blockers, answer.mutable_blockers());
  status = Authorise(access::Right::kDelete, type, write.id, *image, tx);
  if (status.code() == record::kOk) status = CheckPlan(plan, name, tx);
  if (status.code() == record::kOk) status = Stage(write, *image, plan, tx);
  if (status.code() != record::kOk) *answer.mutable_refusal() = std::move(status);
  *response = answer.SerializeAsString();
  return {};
}

}  // namespace crm::shard
