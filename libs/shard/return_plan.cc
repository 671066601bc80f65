#include "libs/shard/return_plan.h"

#include <algorithm>

#include "libs/record/image.h"
#include "libs/record/name.h"
#include "libs/shard/past_commit.h"
#include "libs/shard/standard.h"

namespace crm::shard {
namespace {

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

// Of the records that one delete took (children first), those that hang on these.
std::vector<Deleted> TreeOf(std::set<std::string> names, std::vector<Deleted> deleted,
                            const Transaction& tx) {
  std::vector<Deleted> tree;
  for (auto record = deleted.rbegin(); record != deleted.rend(); ++record) {
    if (!names.contains(record->name) && !HangsOn(*record, names, tx)) continue;
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
    if (to == nullptr || !tx.Knows(*to) || returning.contains(text)) continue;
    if (!IsThere(text, tx)) dead.push_back(&field);
  }
  return dead;
}

}  // namespace

bool IsThere(const std::string& reference, const Transaction& tx) {
  const auto name = record::Name::Parse(reference);
  const auto* type = name ? tx.catalogue().FindType(name->collection) : nullptr;
  const auto image = type != nullptr ? tx.FindHidden(*type, name->id) : std::nullopt;
  return image && !image->empty();
}

Return PlanReturn(const std::string& root, const Deletion& deletion, const Transaction& tx) {
  std::vector<Deleted> deleted;
  Return plan;
  plan.names = deletion.returned;
  plan.unfinished = deletion.unfinished;
  plan.names.insert(root);
  for (const log::Stored& event : deletion.events) {
    const log::Envelope envelope = EnvelopeOf(event);
    auto subject = record::Name::Parse(envelope.subject());
    const record::RecordType* of = subject ? tx.catalogue().FindType(subject->collection) : nullptr;
    if (of == nullptr) continue;
    if (envelope.type() == of->EventType("unlinked")) plan.unlinked.push_back(event);
    if (envelope.type() != of->EventType("deleted")) continue;
    std::optional<std::string> now = tx.FindHidden(*of, subject->id);
    if (!now || !now->empty()) continue;  // undeleted by itself since
    // It may hang on what was not deleted yet.
    if (deletion.unfinished) plan.names.insert(envelope.subject());
    deleted.push_back(
        {of, subject->id, envelope.subject(),
         WithoutDeleteTime(ImageBefore(tx.view(), {*tx.tenant_number(), of->number, subject->id},
                                       event.offset))});
  }
  plan.tree = TreeOf(plan.names, std::move(deleted), tx);
  for (const Deleted& record : plan.tree) plan.names.insert(record.name);
  return plan;
}

void LeaveOutDead(Return* plan, const Transaction& tx) {
  for (size_t before = 0; before != plan->tree.size();) {
    before = plan->tree.size();
    std::erase_if(plan->tree, [&](const Deleted& record) {
      const auto dead = DeadReferences(record, plan->names, tx);
      const bool stays = std::any_of(dead.begin(), dead.end(),
                                     [](const record::Field* field) { return field->required; });
      if (stays) plan->names.erase(record.name);
      return stays;
    });
  }
  for (Deleted& record : plan->tree) {
    record::ImageEdit edit(record.image);
    for (const record::Field* field : DeadReferences(record, plan->names, tx))
      edit.Clear(field->number);
    record.image = edit.Build();
  }
}

}  // namespace crm::shard
