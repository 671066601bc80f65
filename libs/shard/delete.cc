#include <set>

#include "crm/record/v1/methods.pb.h"
#include "libs/record/image.h"
#include "libs/record/key.h"
#include "libs/shard/authorise.h"
#include "libs/shard/shard.h"
#include "libs/shard/standard.h"

namespace crm::shard {
namespace {

using Key = std::pair<const record::RecordType*, record::Uuid>;

bool IsClosed(const record::RecordType& type, std::string_view image) {
  const record::Field* state = type.message->Find(record::kState);
  if (state == nullptr) return false;
  auto spans = record::Spans::Read(image);
  return static_cast<int>(spans->Integer(record::kState)) != state->options->default_number;
}

// Walks from the record to those that refer to it, depth first, so that children come before their
// parents. Each record is looked at once, so that cycles end.
class Walk {
 public:
  Walk(const Transaction& tx, DeletePlan* plan) : tx_(tx), plan_(*plan) {}

  void Visit(const record::RecordType& type, const record::Uuid& id, std::string image) {
    if (!seen_.insert({&type, id}).second || full()) return;
    const auto reference = record::EncodeValue(ReferenceField(), type.collection + "/" + id.Text());
    for (const record::Referrer& referrer : type.referrers) {
      if (referrer.on_delete == record::v1::NONE) continue;
      for (const record::Uuid& child :
           tx_.FindByIndex(*referrer.from, *referrer.index, *reference)) {
        VisitReferrer(referrer, child);
      }
    }
    plan_.deleted.push_back({&type, id, std::move(image), {}});
  }

 private:
  void VisitReferrer(const record::Referrer& referrer, const record::Uuid& child) {
    std::optional<std::string> image = tx_.Find(*referrer.from, child);
    if (!image || image->empty() || seen_.contains({referrer.from, child})) return;
    const bool active_only = referrer.on_delete == record::v1::ACTIVE;
    if (referrer.on_delete == record::v1::RESTRICT) {
      ++plan_.blockers[referrer.from->collection];
    } else if (referrer.on_delete == record::v1::UNLINK ||
               (active_only && IsClosed(*referrer.from, *image))) {
      plan_.unlinked.push_back({referrer.from, child, *image, {referrer.field}});
    } else {
      Visit(*referrer.from, child, *image);
    }
  }
  // One event more than a commit holds is enough to know that the plan is too large.
  bool full() const { return plan_.deleted.size() > tx_.limits().commit_events; }
  static const record::Field& ReferenceField() {
    static const record::Field field = [] {
      record::Field reference;
      reference.kind = record::Kind::kReference;
      return reference;
    }();
    return field;
  }

  const Transaction& tx_;
  DeletePlan& plan_;
  std::set<Key> seen_;
};

std::map<std::string, int> CountsBeside(const DeletePlan& plan) {
  std::map<std::string, int> counts;
  for (size_t i = 0; i + 1 < plan.deleted.size(); ++i) {
    const record::RecordType& type = *plan.deleted[i].type;
    if (!type.annotation.internal()) ++counts[type.collection];
  }
  return counts;
}

record::Status Counted(record::Code code, std::string_view reason, const std::string& text,
                       const std::map<std::string, int>& counts) {
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

// Who may not read a record is told how many there are, and no name.
bool IsTold(const DeletePlan::Item& item, const Transaction& tx) {
  return !item.type->annotation.internal() && MayRead(*item.type, item.id, item.image, tx);
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

// What the trade can not do without stays.
record::Status CheckKept(const DeletePlan& plan, const Transaction& tx) {
  for (const auto& item : plan.deleted) {
    KeepFunction keep = tx.behaviours().FindKeep(item.type->collection);
    if (keep == nullptr) continue;
    if (auto refusal = keep(item.image, tx)) return tx.StatusOf(*refusal);
  }
  return {};
}

}  // namespace

DeletePlan PlanDelete(const record::RecordType& type, const record::Uuid& id,
                      const std::string& image, const Transaction& tx) {
  DeletePlan plan;
  Walk(tx, &plan).Visit(type, id, image);
  Consolidate(&plan);
  return plan;
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
  if (!plan.blockers.empty()) {
    return Counted(record::kFailedPrecondition, "RESTRICTED", "Records forbid to delete " + name,
                   plan.blockers);
  }
  if (const auto beside = CountsBeside(plan); !beside.empty() && !write.force) {
    return Counted(record::kFailedPrecondition, "HAS_CHILDREN",
                   "With force, these would be deleted with " + name, beside);
  }
  status = CheckKept(plan, tx);
  if (status.code() != record::kOk) return status;
  record::v1::DeleteResponse answer;
  for (const auto& item : plan.unlinked) {
    record::ImageEdit edit(item.image);
    for (const record::Field* field : item.unlink) edit.Clear(field->number);
    status =
        tx.Stage(*item.type, item.id, item.image, edit.Build(), "unlinked", EtagOf(item.image) + 1);
    if (status.code() != record::kOk) return status;
  }
  for (const auto& item : plan.deleted) {
    status = tx.StageDelete(*item.type, item.id, item.image);
    if (status.code() != record::kOk) return status;
    if (IsTold(item, tx)) answer.add_deleted(NameOf(item));
  }
  *response = answer.SerializeAsString();
  return {};
}

record::Status PreviewDelete(const Write& write, const Transaction& tx, std::string* response) {
  const record::RecordType& type = *write.type;
  std::optional<std::string> image = tx.Find(type, write.id);
  if (!image || image->empty()) return record::NotFound(type.collection + "/" + write.id.Text());
  record::Status status = Authorise(access::Right::kRead, type, write.id, *image, tx);
  if (status.code() != record::kOk) return status;
  DeletePlan plan = PlanDelete(type, write.id, *image, tx);
  record::v1::PreviewDeleteResponse answer;
  for (const auto& item : plan.deleted) {
    if (IsTold(item, tx)) answer.add_deleted(NameOf(item));
  }
  for (const auto& item : plan.unlinked) {
    if (IsTold(item, tx)) answer.add_unlinked(NameOf(item));
  }
  for (const auto& [collection, count] : CountsBeside(plan))
    (*answer.mutable_counts())[collection] = count;
  for (const auto& [collection, count] : plan.blockers)
    (*answer.mutable_blockers())[collection] = count;
  *response = answer.SerializeAsString();
  return {};
}

}  // namespace crm::shard
