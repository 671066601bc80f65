#include <algorithm>

#include "libs/record/check.h"
#include "libs/record/spans.h"
#include "libs/shard/merge.h"
#include "libs/shard/past_commit.h"
#include "libs/shard/pieces.h"
#include "libs/shard/standard.h"

namespace crm::shard {
namespace {

using record::Field;
using record::RecordType;
using record::Uuid;

// The event that merged the record into another, newest first; nullopt: there is none.
std::optional<log::Stored> MergeOf(const RecordType& type, const Uuid& id, const Transaction& tx) {
  constexpr size_t kPage = 100;
  const store::RecordKey key{*tx.tenant_number(), type.number, id};
  const uint32_t master = type.Find("master")->number;
  for (int64_t before = store::kNow;;) {
    auto events = tx.view().History(key, before, kPage);
    for (const log::Stored& event : events) {
      // As a master of an earlier merge it named none.
      if (EnvelopeOf(event).type() != type.EventType("merged")) continue;
      const std::string image = ImageOf(event);
      if (record::Spans::Read(image)->Has(master)) return event;
    }
    if (events.size() < kPage) return std::nullopt;
    before = events.back().offset;
  }
}

class Unmerging {
 public:
  Unmerging(const RecordType& type, const Uuid& id, Transaction& tx, Moved* moved)
      : type_(type), id_(id), tx_(tx), moved_(*moved) {}

  record::Status Run(const std::string& etag) {
    const std::string name = type_.collection + "/" + id_.Text();
    std::optional<std::string> image = tx_.Find(type_, id_);
    if (!image || image->empty()) return record::NotFound(name);
    record::Status status = CheckEtag(etag, *image, name);
    if (status.code() != record::kOk) return status;
    const bool merged = record::Spans::Read(*image)->Has(type_.Find("merged")->number);
    const auto merge = merged ? MergeOf(type_, id_, tx_) : std::nullopt;
    if (!merge) return NotMerged(name);
    const std::string closed = ImageOf(*merge);
    moved_.master = record::Spans::Read(closed)->Text(type_.Find("master")->number);
    const auto commit = CommitOf(tx_.view(), *tx_.tenant_number(), *merge);
    // First the record itself and last its master, so that on the way no reference seems to close
    // a circle that the finished state does not have.
    for (int turn = 0; turn < 3; ++turn) {
      for (const log::Stored& event : commit) {
        const log::Envelope envelope = EnvelopeOf(event);
        const std::string& subject = envelope.subject();
        if (turn != (subject == name ? 0 : subject == moved_.master ? 2 : 1)) continue;
        status = Restore(event, envelope, turn == 1);
        if (status.code() != record::kOk) return status;
      }
    }
    return status;
  }

 private:
  static record::Status NotMerged(const std::string& name) {
    return record::MakeStatus(record::kFailedPrecondition, "NOT_MERGED",
                              name + " is not merged into another record.", {{"name", name}});
  }

  record::Status Restore(const log::Stored& event, const log::Envelope& envelope, bool child) {
    auto name = record::Name::Parse(envelope.subject());
    const RecordType* type = name ? tx_.catalogue().FindType(name->collection) : nullptr;
    if (type == nullptr) return {};
    const std::string before =
        ImageBefore(tx_.view(), {*tx_.tenant_number(), type->number, name->id}, event.offset);
    std::optional<std::string> now = tx_.Find(*type, name->id);
    if (ImageOf(event).empty()) return BringBack(*type, name->id, before, now);
    if (!now || now->empty()) {
      moved_.conflicts.push_back(envelope.subject());
      return {};
    }
    std::string after = Reverted(*type, name->id, before, ImageOf(event), *now);
    if (after == *now) return {};
    if (child) {
      const bool relinked = envelope.type() == type->EventType("unlinked");
      if (!relinked) ++moved_.records[type->collection];
      return tx_.Stage(*type, name->id, *now, std::move(after),
                       relinked ? "relinked" : "reparented", EtagOf(*now) + 1);
    }
    record::Status status = Derive(*type, *now, "", tx_, &after);
    if (status.code() != record::kOk) return status;
    return tx_.Stage(*type, name->id, *now, std::move(after), "unmerged", EtagOf(*now) + 1);
  }

  // What the merge dropped as a double.
  record::Status BringBack(const RecordType& type, const Uuid& id, const std::string& before,
                           const std::optional<std::string>& now) {
    if (!now || !now->empty()) return {};  // brought back by itself since
    std::vector<record::Violation> dead;
    CheckReferences(type, "", before, "", tx_, &dead);
    if (!dead.empty()) {
      moved_.conflicts.push_back(type.collection + "/" + id.Text() + " " + dead.front().path);
      return {};
    }
    return tx_.Stage(type, id, "", before, "undeleted", EtagOf(before) + 2);
  }

  // The record as it is now, but with the fields that the merge changed as they were before it,
  // where they still are what the merge made them.
  std::string Reverted(const RecordType& type, const Uuid& id, const std::string& before,
                       const std::string& merged, const std::string& now) {
    const Pieces were = PiecesOf(type, before);
    const Pieces became = PiecesOf(type, merged);
    const Pieces are = PiecesOf(type, now);
    Pieces reverted = are;
    Pieces changed = were;
    changed.insert(became.begin(), became.end());
    std::vector<std::pair<uint32_t, std::string>> conflicts;
    for (const auto& [path, any] : changed) {
      const Piece* was = Find(were, path);
      const Piece* did = Find(became, path);
      const Field* field = any.field;
      if (Same(was, did) || field == nullptr || field->number <= record::kUpdateUser) continue;
      if (Same(Find(are, path), was)) continue;
      if (!Same(Find(are, path), did) || !MayHold(type, id, *field, was)) {
        if (!field->output_only) conflicts.push_back({field->number, path});
        continue;
      }
      reverted.erase(path);
      if (was != nullptr) reverted[path] = *was;
    }
    std::sort(conflicts.begin(), conflicts.end());
    for (const auto& [number, path] : conflicts)
      moved_.conflicts.push_back(type.collection + "/" + id.Text() + " " + path);
    return ImageOf(type, reverted);
  }

  static const Piece* Find(const Pieces& pieces, const std::string& path) {
    auto found = pieces.find(path);
    return found == pieces.end() ? nullptr : &found->second;
  }
  static bool Same(const Piece* left, const Piece* right) {
    return left == nullptr || right == nullptr ? left == right : *left == *right;
  }

  // What it referred to may be gone by now, or may hang under it.
  bool MayHold(const RecordType& type, const Uuid& id, const Field& field, const Piece* was) const {
    if (was == nullptr || field.kind != record::Kind::kReference || field.repeated) return true;
    const std::string text(record::Spans::Read(was->bytes)->Text(field.number));
    auto name = record::Name::Parse(text);
    const RecordType* to = name ? tx_.catalogue().FindType(name->collection) : nullptr;
    if (to == nullptr) return true;
    auto image = tx_.Find(*to, name->id);
    if (!image || image->empty()) return false;
    return !field.annotation.reference().acyclic() ||
           !ClosesCircle(type, field, id, text, tx_).value_or(true);
  }

  const RecordType& type_;
  const Uuid id_;
  Transaction& tx_;
  Moved& moved_;
};

}  // namespace

record::Status Unmerge(const record::RecordType& type, const std::string& subordinate,
                       const std::string& etag, Transaction& tx, Moved* moved) {
  CRM_CHECK(type.Find("merged") && type.Find("master"));
  auto name = record::Name::Parse(subordinate);
  if (!name || name->collection != type.collection) return record::NotFound(subordinate);
  return Unmerging(type, name->id, tx, moved).Run(etag);
}

}  // namespace crm::shard
