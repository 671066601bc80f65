#include <algorithm>
#include <set>

#include "libs/record/check.h"
#include "libs/record/image.h"
#include "libs/record/name.h"
#include "libs/shard/authorise.h"
#include "libs/shard/past_commit.h"
#include "libs/shard/return_plan.h"
#include "libs/shard/shard.h"
#include "libs/shard/standard.h"

namespace crm::shard {
namespace {

// A reference that the delete had emptied is filled again where it is still empty.
record::Status Relink(const log::Stored& event, const Return& plan, Transaction& tx) {
  const log::Envelope envelope = EnvelopeOf(event);
  auto name = record::Name::Parse(envelope.subject());
  const record::RecordType* type = name ? tx.catalogue().FindType(name->collection) : nullptr;
  if (type == nullptr) return {};
  std::optional<std::string> now = tx.FindHidden(*type, name->id);
  if (!now || now->empty()) return {};
  const std::string before =
      ImageBefore(tx.view(), {*tx.tenant_number(), type->number, name->id}, event.offset);
  auto old_spans = record::Spans::Read(before);
  auto spans = record::Spans::Read(*now);
  record::ImageEdit edit(*now);
  bool changed = false;
  for (const record::Field& field : type->message->fields) {
    if (field.kind != record::Kind::kReference || spans->Has(field.number)) continue;
    const std::string reference(old_spans->Text(field.number));
    if (!plan.names.contains(reference) && !(plan.unfinished && IsThere(reference, tx))) continue;
    // What it hung under may hang under it by now.
    if (field.annotation.reference().acyclic() &&
        ClosesCircle(*type, field, name->id, reference, tx).value_or(true))
      continue;
    edit.SetText(field.number, reference);
    changed = true;
  }
  if (!changed) return {};
  return tx.Stage(*type, name->id, *now, edit.Build(), "relinked", EtagOf(*now) + 1);
}

record::Status ParentDeleted(const std::string& name, const std::string& field,
                             const std::string& why) {
  return record::MakeStatus(record::kFailedPrecondition, "PARENT_DELETED",
                            "Undelete first what " + name + " refers to: " + why,
                            {{"name", name}, {"field", field}});
}

record::Status CheckParents(const Deleted& root, const Transaction& tx) {
  std::vector<record::Violation> dead;
  CheckReferences(*root.type, "", root.image, "", tx, &dead);
  if (dead.empty()) return {};
  return ParentDeleted(root.name, dead.front().path, dead.front().description);
}

// What is hidden for no other reason than the record's own delete, and not deleted yet, is seen
// again together with it.
void AnnounceHidden(const Deleted& root, Transaction& tx) {
  const store::Hiding others(
      tx.catalogue(), [&](const record::RecordType& type, const record::Uuid& id) {
        const bool itself = &type == root.type && id == root.id;
        return itself ? std::optional<std::string>(root.image) : tx.FindHidden(type, id);
      });
  const auto spans = record::Spans::Read(root.image);
  for (const record::Field& field : root.type->message->fields) {
    if (field.kind != record::Kind::kReference) continue;
    for (const record::Span& span : spans->All(field.number)) {
      const auto name = record::Name::Parse(span.payload);
      const auto* to = name ? tx.catalogue().FindType(name->collection) : nullptr;
      const auto image = to != nullptr ? tx.FindHidden(*to, name->id) : std::nullopt;
      if (image && !image->empty() && !others.Hides(*to, *image))
        tx.Announce(std::string(span.payload));
    }
  }
}

bool FitsOneCommit(const Return& plan, const Transaction& tx) {
  size_t bytes = 0;
  for (const Deleted& record : plan.tree) bytes += record.image.size();
  return plan.tree.size() + plan.unlinked.size() < tx.limits().delete_events &&
         bytes <= tx.limits().commit_bytes / 2;
}

// As much of it as a step takes: the rest is left in the plan.
record::Status StageReturn(Return* plan, size_t most, Transaction& tx) {
  const auto full = [&] {
    return tx.staged().size() >= most || tx.bytes() > tx.limits().commit_bytes / 2;
  };
  auto record = plan->tree.begin();
  for (; record != plan->tree.end() && !full(); ++record) {
    // The deletion was a version of its own.
    record::Status status = tx.Stage(*record->type, record->id, "", record->image, "undeleted",
                                     EtagOf(record->image) + 2);
    if (status.code() != record::kOk) return status;
  }
  plan->tree.erase(plan->tree.begin(), record);
  if (!plan->tree.empty()) return {};
  auto event = plan->unlinked.begin();
  for (; event != plan->unlinked.end() && !full(); ++event) {
    record::Status status = Relink(*event, *plan, tx);
    if (status.code() != record::kOk) return status;
  }
  plan->unlinked.erase(plan->unlinked.begin(), event);
  return {};
}

// The record is the last to be seen again.
record::Status EndReturn(const record::RecordType& type, const record::Uuid& id, Transaction& tx) {
  tx.NoteCascade();
  const std::string hidden = *tx.FindHidden(type, id);
  return tx.Stage(type, id, hidden, WithoutDeleteTime(hidden), "undeleted", EtagOf(hidden) + 1);
}

// The record comes back hidden, and its tree step by step.
record::Status StartReturn(const Deleted& root, const std::string& current, Transaction& tx) {
  tx.NoteCascade();
  record::ImageEdit edit(current.empty() ? root.image : current);
  edit.SetTime(record::kDeleteTime, tx.time());
  return tx.Stage(*root.type, root.id, current, edit.Build(), "undeletion_started",
                  EtagOf(root.image) + (current.empty() ? 2 : 1));
}

// At once where it fits a commit, else its beginning. `current`: the hidden record, if there is
// one.
record::Status StageAll(Return* plan, const Deleted& root, const std::string& current,
                        Transaction& tx) {
  if (!FitsOneCommit(*plan, tx) && root.type->message->Find(record::kDeleteTime) != nullptr)
    return StartReturn(root, current, tx);
  LeaveOutDead(plan, tx);
  record::Status status = StageReturn(plan, SIZE_MAX, tx);
  if (status.code() != record::kOk || current.empty()) return status;
  return EndReturn(*root.type, root.id, tx);
}

record::Status NotDeleted(const record::RecordType& type, const record::Uuid& id,
                          const std::string& name, const Transaction& tx) {
  if (tx.Find(type, id)->empty())
    return ParentDeleted(name, "name", "it is being deleted with " + name + ".");
  return record::MakeStatus(record::kFailedPrecondition, "NOT_DELETED", name + " is not deleted.",
                            {{"name", name}});
}

}  // namespace

record::Status ContinueReturn(const record::RecordType& type, const record::Uuid& id,
                              Transaction& tx) {
  const std::string name = type.collection + "/" + id.Text();
  const store::RecordKey key{*tx.tenant_number(), type.number, id};
  Return plan = PlanReturn(name, DeletionOf(tx.view(), tx.catalogue(), key), tx);
  LeaveOutDead(&plan, tx);
  // Finding the rest costs more than a commit, so that a step is as large as one may be.
  record::Status status = StageReturn(&plan, tx.limits().delete_events - 1, tx);
  if (status.code() != record::kOk) return status;
  if (plan.tree.empty() && plan.unlinked.empty()) return EndReturn(type, id, tx);
  const std::string now = *tx.FindHidden(type, id);
  return tx.Stage(type, id, now, now, "undeletion_continued", EtagOf(now) + 1);
}

record::Status Undelete(const Write& write, Transaction& tx, std::string* image) {
  const record::RecordType& type = *write.type;
  const std::string name = type.collection + "/" + write.id.Text();
  std::optional<std::string> current = tx.FindHidden(type, write.id);
  if (!current) return record::NotFound(name);
  const bool under_way = !current->empty() && record::IsSetIn(*current, record::kDeleteTime);
  if (!current->empty()) {
    record::Status hidden = Authorise(access::Right::kRead, type, write.id, *current, tx);
    if (hidden.code() != record::kOk) return hidden;
  }
  if (!current->empty() && !under_way) return NotDeleted(type, write.id, name, tx);
  // The shard decides an undelete only when nothing is under way, so the store knows the deletion.
  const store::RecordKey key{*tx.tenant_number(), type.number, write.id};
  const Deletion deletion = DeletionOf(tx.view(), tx.catalogue(), key);
  if (deletion.returning) {
    record::Status status = Authorise(access::Right::kDelete, type, write.id, *current, tx);
    if (status.code() == record::kOk) status = CheckEtag(write.etag, *current, name);
    if (status.code() == record::kOk) *image = std::move(*current);
    return status;
  }
  Return plan = PlanReturn(name, deletion, tx);
  const Deleted root =
      under_way ? Deleted{&type, write.id, name, WithoutDeleteTime(*current)} : plan.tree.front();
  CRM_CHECK(root.name == name);
  // Who may delete a record may bring it back.
  record::Status status = Authorise(access::Right::kDelete, type, write.id, root.image, tx);
  // Nobody saw an etag of it since the delete began: it has the one that it had before.
  if (status.code() == record::kOk)
    status = CheckEtag(write.etag, ImageBefore(tx.view(), key, deletion.began), name);
  if (status.code() != record::kOk) return status;
  for (const std::string& returning : plan.names) tx.Announce(returning);
  if (under_way) AnnounceHidden(root, tx);
  status = CheckParents(root, tx);
  if (status.code() != record::kOk) return status;
  status = StageAll(&plan, root, *current, tx);
  if (status.code() == record::kOk) *image = *tx.FindHidden(type, write.id);
  return status;
}

}  // namespace crm::shard
