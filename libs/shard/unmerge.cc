#include "libs/record/check.h"
#include "libs/record/image.h"
#include "libs/record/name.h"
#include "libs/shard/merge.h"
#include "libs/shard/past_commit.h"
#include "libs/shard/standard.h"

namespace crm::shard {
namespace {

// The event by which the subordinate was merged; nullopt: it never was.
std::optional<log::Stored> MergeOf(const record::RecordType& type, const store::RecordKey& key,
                                   const store::View& view) {
  constexpr size_t kPage = 100;
  for (int64_t before = store::kNow;;) {
    auto events = view.History(key, before, kPage);
    for (const log::Stored& event : events) {
      if (EnvelopeOf(event).type() == type.EventType("merged")) return event;
    }
    if (events.size() < kPage) return std::nullopt;
    before = events.back().offset;
  }
}

class Unmerger {
 public:
  Unmerger(const record::RecordType& type, std::string subordinate, std::string master,
           Transaction& tx, Moved* moved)
      : type_(type),
        subordinate_(std::move(subordinate)),
        master_(std::move(master)),
        tx_(tx),
        moved_(*moved) {}

  // One event of the merge is taken back.
  record::Status TakeBack(const log::Stored& event) {
    const log::Envelope envelope = EnvelopeOf(event);
    auto name = record::Name::Parse(envelope.subject());
    const record::RecordType* type = name ? tx_.catalogue().FindType(name->collection) : nullptr;
    if (type == nullptr) return {};
    const std::string before =
        ImageBefore(tx_.view(), {*tx_.tenant_number(), type->number, name->id}, event.offset);
    auto now = tx_.Find(*type, name->id);
    if (envelope.type() == type->EventType("deleted"))
      return Restore(*type, name->id, envelope.subject(), before, now);
    if (!now || now->empty()) {
      Conflict(envelope.subject() + " is deleted");
      return {};
    }
    if (envelope.subject() == subordinate_) return Reopen(*type, name->id, before, *now);
    if (envelope.subject() == master_)
      return RestoreMaster(*type, name->id, before, ImageOf(event), *now);
    return MoveBack(*type, name->id, envelope.subject(), before, *now);
  }

 private:
  void Conflict(std::string what) { moved_.conflicts.push_back(std::move(what)); }

  // A link between the two that the merge had deleted.
  record::Status Restore(const record::RecordType& type, const record::Uuid& id,
                         const std::string& name, const std::string& before,
                         const std::optional<std::string>& now) {
    if (now && !now->empty()) {
      Conflict(name + " exists again");
      return {};
    }
    ++moved_.records[type.collection];
    return tx_.Stage(type, id, "", before, "undeleted", EtagOf(before) + 2);
  }

  record::Status MoveBack(const record::RecordType& type, const record::Uuid& id,
                          const std::string& name, const std::string& before,
                          const std::string& now) {
    auto was = record::Spans::Read(before);
    auto is = record::Spans::Read(now);
    record::ImageEdit edit(now);
    bool moves = false;
    for (const record::Field& field : type.message->fields) {
      if (field.kind != record::Kind::kReference || was->Text(field.number) != subordinate_)
        continue;
      if (is->Text(field.number) == master_) {
        edit.SetText(field.number, subordinate_);
        moves = true;
      } else if (is->Text(field.number) != subordinate_) {
        Conflict(name + " " + field.name);
      }
    }
    if (!moves) return {};
    ++moved_.records[type.collection];
    return tx_.Stage(type, id, now, edit.Build(), "reparented", EtagOf(now) + 1);
  }

  static std::string FieldOf(const record::Spans& spans, uint32_t number) {
    std::string bytes;
    for (const record::Span& span : spans.All(number)) bytes.append(span.whole);
    return bytes;
  }

  // What the merge had filled goes, where nobody has changed it since.
  record::Status RestoreMaster(const record::RecordType& type, const record::Uuid& id,
                               const std::string& before, const std::string& after,
                               const std::string& now) {
    auto was = record::Spans::Read(before);
    auto became = record::Spans::Read(after);
    auto is = record::Spans::Read(now);
    for (const record::Field& field : type.message->fields) {
      if (field.standard || field.output_only) continue;
      if (FieldOf(*was, field.number) == FieldOf(*became, field.number)) continue;
      if (FieldOf(*is, field.number) == FieldOf(*became, field.number)) {
        moved_.fields.push_back(field.name);
      } else {
        Conflict(master_ + " " + field.name);
      }
    }
    std::string restored = now;
    if (!moved_.fields.empty()) {
      std::vector<record::Violation> violations;
      restored =
          record::Mask::Compile(*type.message, moved_.fields, "", &violations).Merge(before, now);
    }
    record::Status status = Derive(type, now, "", tx_, &restored);
    if (status.code() != record::kOk) return status;
    return tx_.Stage(type, id, now, std::move(restored), "unmerged", EtagOf(now) + 1);
  }

  record::Status Reopen(const record::RecordType& type, const record::Uuid& id,
                        const std::string& before, const std::string& now) {
    auto was = record::Spans::Read(before);
    record::ImageEdit edit(now);
    edit.Clear(type.Find("merged")->number);
    edit.Clear(type.Find("master")->number);
    edit.SetInteger(record::kState, was->Integer(record::kState));
    edit.SetInteger(record::kStatus, was->Integer(record::kStatus));
    return tx_.Stage(type, id, now, edit.Build(), "unmerged", EtagOf(now) + 1);
  }

  const record::RecordType& type_;
  const std::string subordinate_;
  const std::string master_;
  Transaction& tx_;
  Moved& moved_;
};

}  // namespace

record::Status Unmerge(const record::RecordType& type, const std::string& subordinate,
                       const std::string& etag, Transaction& tx, Moved* moved) {
  auto name = record::Name::Parse(subordinate);
  auto image = name && name->collection == type.collection ? tx.Find(type, name->id) : std::nullopt;
  if (!image || image->empty()) return record::NotFound(subordinate);
  record::Status status = CheckEtag(etag, *image, subordinate);
  if (status.code() != record::kOk) return status;
  auto spans = record::Spans::Read(*image);
  moved->master = spans->Text(type.Find("master")->number);
  const store::RecordKey key{*tx.tenant_number(), type.number, name->id};
  auto merge = MergeOf(type, key, tx.view());
  CRM_CHECK(merge);  // the behaviour has seen that it is merged
  Unmerger unmerger(type, subordinate, moved->master, tx, moved);
  for (const log::Stored& event : CommitOf(tx.view(), *tx.tenant_number(), *merge)) {
    status = unmerger.TakeBack(event);
    if (status.code() != record::kOk) return status;
  }
  return {};
}

}  // namespace crm::shard
