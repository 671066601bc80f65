#include "libs/shard/deletion.h"

#include <algorithm>
#include <optional>

#include "libs/record/check.h"
#include "libs/record/image.h"
#include "libs/record/name.h"
#include "libs/record/spans.h"
#include "libs/shard/past_commit.h"

namespace crm::shard {
namespace {

constexpr size_t kEventsAtOnce = 256;

bool Is(const log::Stored& event, std::string_view what) {
  return EnvelopeOf(event).type().ends_with("." + std::string(what));
}

// The record's newest event before an offset that begins, goes on with or ends a delete or a
// return; others are of references that were emptied meanwhile.
log::Stored NewestStep(const store::View& view, const store::RecordKey& key,
                       int64_t before = store::kNow) {
  constexpr std::string_view kWords[] = {"delet"};
  return NewestEvent(view, key, kWords, before);
}

// The record's events from the start of the cascade that this event is of, in order; empty: it is
// of no cascade.
std::vector<log::Stored> CascadeOf(const store::View& view, const store::RecordKey& root,
                                   int64_t offset) {
  std::vector<log::Stored> events;
  for (int64_t before = store::kNow;;) {
    const auto page = view.History(root, before, kEventsAtOnce);
    for (const log::Stored& event : page) {
      events.push_back(event);
      if (event.offset > offset || !Is(event, "deletion_started")) continue;
      std::reverse(events.begin(), events.end());
      return events;
    }
    if (page.size() < kEventsAtOnce) return {};
    before = page.back().offset;
  }
}

// The record whose cascade a commit is a step of.
std::optional<store::RecordKey> RootOf(const store::View& view, const record::Catalogue& catalogue,
                                       store::TenantNumber tenant,
                                       const std::vector<log::Stored>& commit) {
  for (const log::Stored& event : commit) {
    const log::Envelope envelope = EnvelopeOf(event);
    const auto name = record::Name::Parse(envelope.subject());
    const auto* type = name ? catalogue.FindType(name->collection) : nullptr;
    if (type == nullptr) continue;
    const store::RecordKey key{tenant, type->number, name->id};
    if (Is(event, "deletion_started") || Is(event, "deletion_continued")) return key;
    if (!Is(event, "deleted")) continue;
    const auto before = view.History(key, event.offset, 1);
    if (!before.empty() &&
        (Is(before.front(), "deletion_started") || Is(before.front(), "deletion_continued")))
      return key;
  }
  return std::nullopt;
}

void AddReturned(const std::vector<log::Stored>& commit, Deletion* deletion) {
  for (const log::Stored& event : commit) {
    const log::Envelope envelope = EnvelopeOf(event);
    if (Is(event, "undeleted")) deletion->returned.insert(envelope.subject());
  }
}

}  // namespace

std::string WithoutDeleteTime(const std::string& image) {
  record::ImageEdit edit(image);
  edit.Clear(record::kDeleteTime);
  return edit.Build();
}

Deletion DeletionOf(const store::View& view, const record::Catalogue& catalogue,
                    const store::RecordKey& key) {
  Deletion deletion;
  log::Stored last = NewestStep(view, key);
  while (Is(last, "undeletion_started") || Is(last, "undeletion_continued")) {
    deletion.returning = true;
    AddReturned(CommitOf(view, key.tenant, last), &deletion);
    last = NewestStep(view, key, last.offset);
  }
  deletion.began = last.offset;
  deletion.events = CommitOf(view, key.tenant, last);
  const auto root = RootOf(view, catalogue, key.tenant, deletion.events);
  if (!root) return deletion;
  deletion.events.clear();
  deletion.unfinished = *root == key;
  const auto cascade = CascadeOf(view, *root, last.offset);
  if (*root == key && !cascade.empty()) deletion.began = cascade.front().offset;
  for (const log::Stored& event : cascade) {
    if (Is(event, "undeleted")) break;
    if (!Is(event, "deletion_continued") && !Is(event, "deleted")) continue;
    if (Is(event, "deleted")) deletion.unfinished = false;
    const auto commit = CommitOf(view, key.tenant, event);
    deletion.events.insert(deletion.events.end(), commit.begin(), commit.end());
  }
  return deletion;
}

record::Status ContinueCascade(const record::RecordType& type, const record::Uuid& id,
                               const std::string& current, Transaction& tx) {
  tx.NoteCascade();
  const log::Stored last = NewestStep(tx.view(), {*tx.tenant_number(), type.number, id});
  if (!Is(last, "deletion_started") && !Is(last, "deletion_continued"))
    return ContinueReturn(type, id, tx);
  const DeletePlan step = PlanStep(type, id, current, tx);
  record::Status status = StagePlan(step, tx);
  const std::string now = *tx.FindHidden(type, id);
  if (status.code() != record::kOk || now.empty()) return status;
  return tx.Stage(type, id, now, now, "deletion_continued", EtagOf(now) + 1);
}

}  // namespace crm::shard
