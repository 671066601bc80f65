#include <algorithm>
#include <set>

#include "libs/record/check.h"
#include "libs/record/image.h"
#include "libs/record/name.h"
#include "libs/shard/authorise.h"
#include "libs/shard/past_commit.h"
#include "libs/shard/standard.h"

namespace crm::shard {
namespace {

struct Deleted {
  const record::RecordType* type = nullptr;
  record::Uuid id;
  std::string name;
  std::string image;  // before it was deleted
};

bool GoesWith(const record::RecordType& type, const record::Field& field,
              const record::RecordType& to) {
  return std::any_of(
      to.referrers.begin(), to.referrers.end(), [&](const record::Referrer& referrer) {
        return referrer.from == &type && referrer.field == &field &&
               referrer.on_delete != record::v1::NONE && referrer.on_delete != record::v1::UNLINK;
      });
}

// Whether a delete of one of these takes the record with it.
bool HangsOn(const Deleted& record, const std::set<std::string>& names, const Transaction& tx) {
  auto spans = record::Spans::Read(record.image);
  for (const record::Field& field : record.type->message->fields) {
    if (field.kind != record::Kind::kReference) continue;
    const std::string text(spans->Text(field.number));
    if (!names.contains(text)) continue;
    const auto* to = tx.catalogue().FindType(record::Name::Parse(text)->collection);
    if (to != nullptr && GoesWith(*record.type, field, *to)) return true;
  }
  return false;
}

// Of the records deleted by one commit (children first), those that hang on the root.
std::vector<Deleted> TreeOf(const std::string& root, std::vector<Deleted> deleted,
                            const Transaction& tx) {
  std::set<std::string> names{root};
  std::vector<Deleted> tree;
  for (auto record = deleted.rbegin(); record != deleted.rend(); ++record) {
    if (record->name != root && !HangsOn(*record, names, tx)) continue;
    names.insert(record->name);
    tree.push_back(std::move(*record));
  }
  return tree;
}

// Fields of a record of the tree that refer to what neither lives nor comes back with it.
std::vector<const record::Field*> DeadReferences(const Deleted& record,
                                                 const std::set<std::string>& returning,
                                                 const Transaction& tx) {
  std::vector<const record::Field*> dead;
  auto spans = record::Spans::Read(record.image);
  for (const record::Field& field : record.type->message->fields) {
    if (field.kind != record::Kind::kReference || field.repeated) continue;
    const std::string text(spans->Text(field.number));
    auto name = record::Name::Parse(text);
    const record::RecordType* to = name ? tx.catalogue().FindType(name->collection) : nullptr;
    if (to == nullptr || returning.contains(text)) continue;
    auto image = tx.Find(*to, name->id);
    if (!image || image->empty()) dead.push_back(&field);
  }
  return dead;
}

// What has been deleted since is not referred to by what comes back: a reference to it is emptied,
// and what can not be without it stays deleted. The root comes first and has been checked.
void LeaveOutDead(std::vector<Deleted>* tree, const Transaction& tx) {
  std::set<std::string> returning;
  for (const Deleted& record : *tree) returning.insert(record.name);
  for (size_t before = 0; before != tree->size();) {
    before = tree->size();
    std::erase_if(*tree, [&](const Deleted& record) {
      const auto dead = DeadReferences(record, returning, tx);
      const bool stays = std::any_of(dead.begin(), dead.end(),
                                     [](const record::Field* field) { return field->required; });
      if (stays) returning.erase(record.name);
      return stays;
    });
  }
  for (Deleted& record : *tree) {
    record::ImageEdit edit(record.image);
    for (const record::Field* field : DeadReferences(record, returning, tx))
      edit.Clear(field->number);
    record.image = edit.Build();
  }
}

// A reference that the delete had emptied is filled again where it is still empty.
record::Status Relink(const log::Stored& event, const std::set<std::string>& restored,
                      Transaction& tx) {
  const log::Envelope envelope = EnvelopeOf(event);
  auto name = record::Name::Parse(envelope.subject());
  const record::RecordType* type = name ? tx.catalogue().FindType(name->collection) : nullptr;
  if (type == nullptr) return {};
  std::optional<std::string> now = tx.Find(*type, name->id);
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
    if (!restored.contains(reference)) continue;
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

record::Status CheckParents(const Deleted& root, const Transaction& tx) {
  std::vector<record::Violation> dead;
  CheckReferences(*root.type, "", root.image, "", tx, &dead);
  if (dead.empty()) return {};
  return record::MakeStatus(
      record::kFailedPrecondition, "PARENT_DELETED",
      "Undelete first what " + root.name + " refers to: " + dead.front().description,
      {{"name", root.name}, {"field", dead.front().path}});
}

}  // namespace

record::Status Undelete(const Write& write, Transaction& tx, std::string* image) {
  const record::RecordType& type = *write.type;
  const std::string name = type.collection + "/" + write.id.Text();
  std::optional<std::string> current = tx.Find(type, write.id);
  if (!current) return record::NotFound(name);
  if (!current->empty()) {
    record::Status hidden = Authorise(access::Right::kRead, type, write.id, *current, tx);
    if (hidden.code() != record::kOk) return hidden;
    return record::MakeStatus(record::kFailedPrecondition, "NOT_DELETED", name + " is not deleted.",
                              {{"name", name}});
  }
  // The shard decides an undelete only when nothing is under way, so the store knows the deletion.
  const store::RecordKey key{*tx.tenant_number(), type.number, write.id};
  auto newest = tx.view().History(key, store::kNow, 1);
  CRM_CHECK(!newest.empty());
  std::vector<Deleted> deleted;
  std::vector<log::Stored> unlinked;
  for (const log::Stored& event : CommitOf(tx.view(), *tx.tenant_number(), newest.front())) {
    const log::Envelope envelope = EnvelopeOf(event);
    auto subject = record::Name::Parse(envelope.subject());
    const record::RecordType* of = subject ? tx.catalogue().FindType(subject->collection) : nullptr;
    if (of == nullptr) continue;
    if (envelope.type() == of->EventType("unlinked")) unlinked.push_back(event);
    if (envelope.type() != of->EventType("deleted")) continue;
    std::optional<std::string> now = tx.Find(*of, subject->id);
    if (!now || !now->empty()) continue;  // undeleted by itself since
    deleted.push_back(
        {of, subject->id, envelope.subject(),
         ImageBefore(tx.view(), {*tx.tenant_number(), of->number, subject->id}, event.offset)});
  }
  std::vector<Deleted> tree = TreeOf(name, std::move(deleted), tx);
  CRM_CHECK(!tree.empty() && tree.front().name == name);
  // Who may delete a record may bring it back.
  record::Status status = Authorise(access::Right::kDelete, type, write.id, tree.front().image, tx);
  if (status.code() == record::kOk) status = CheckParents(tree.front(), tx);
  if (status.code() == record::kOk) LeaveOutDead(&tree, tx);
  std::set<std::string> restored;
  for (const Deleted& record : tree) {
    if (status.code() != record::kOk) return status;
    restored.insert(record.name);
    // The deletion was a version of its own.
    status =
        tx.Stage(*record.type, record.id, "", record.image, "undeleted", EtagOf(record.image) + 2);
  }
  for (const log::Stored& event : unlinked) {
    if (status.code() != record::kOk) return status;
    status = Relink(event, restored, tx);
  }
  if (status.code() == record::kOk) *image = *tx.Find(type, write.id);
  return status;
}

}  // namespace crm::shard
