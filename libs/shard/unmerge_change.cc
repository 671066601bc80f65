#include "libs/shard/unmerge_change.h"

#include <algorithm>

#include "libs/record/name.h"
#include "libs/record/spans.h"
#include "libs/shard/past_commit.h"
#include "libs/shard/standard.h"

namespace crm::shard {
namespace {

using record::Field;
using record::RecordType;

const Piece* Find(const Pieces& pieces, const std::string& path) {
  auto found = pieces.find(path);
  return found == pieces.end() ? nullptr : &found->second;
}
bool Same(const Piece* left, const Piece* right) {
  return left == nullptr || right == nullptr ? left == right : *left == *right;
}

}  // namespace

ChangeBack::ChangeBack(const log::Stored& event, Of of, const Transaction& tx, bool circles)
    : circles_(circles) {
  const log::Envelope envelope = EnvelopeOf(event);
  name_ = envelope.subject();
  const auto name = record::Name::Parse(name_);
  type_ = name ? tx.catalogue().FindType(name->collection) : nullptr;
  if (type_ == nullptr) return;
  id_ = name->id;
  const std::string before =
      ImageBefore(tx.view(), {*tx.tenant_number(), type_->number, id_}, event.offset);
  const std::string merged = ImageOf(event);
  const std::optional<std::string> now = tx.Find(*type_, id_);
  now_ = after_ = now.value_or("");
  if (merged.empty()) {
    if (now_.empty() && now) BringBack(before, tx);  // else it was brought back by itself since
  } else if (now_.empty()) {
    conflicts_.push_back(name_);
  } else {
    const bool unlinked = envelope.type() == type_->EventType("unlinked");
    event_ = of == Of::kMerged ? "unmerged" : unlinked ? "relinked" : "reparented";
    etag_ = EtagOf(now_) + 1;
    Revert(before, merged, tx);
  }
}

// What the merge dropped as a double.
void ChangeBack::BringBack(const std::string& before, const Transaction& tx) {
  std::vector<record::Violation> dead;
  CheckReferences(*type_, "", before, "", tx, &dead);
  if (!dead.empty()) {
    conflicts_.push_back(name_ + " " + dead.front().path);
    return;
  }
  event_ = "undeleted";
  after_ = before;
  etag_ = EtagOf(before) + 2;
}

void ChangeBack::Revert(const std::string& before, const std::string& merged,
                        const Transaction& tx) {
  const Pieces were = PiecesOf(*type_, before);
  const Pieces became = PiecesOf(*type_, merged);
  const Pieces are = PiecesOf(*type_, now_);
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
    if (!Same(Find(are, path), did) || !MayHold(*field, was, tx)) {
      if (!field->output_only) conflicts.push_back({field->number, path});
      continue;
    }
    reverted.erase(path);
    if (was != nullptr) reverted[path] = *was;
  }
  std::sort(conflicts.begin(), conflicts.end());
  for (const auto& [number, path] : conflicts) conflicts_.push_back(name_ + " " + path);
  after_ = ImageOf(*type_, reverted);
}

bool ChangeBack::MayHold(const Field& field, const Piece* was, const Transaction& tx) const {
  if (was == nullptr || field.kind != record::Kind::kReference || field.repeated) return true;
  const std::string text(record::Spans::Read(was->bytes)->Text(field.number));
  auto name = record::Name::Parse(text);
  const RecordType* to = name ? tx.catalogue().FindType(name->collection) : nullptr;
  if (to == nullptr || !tx.Knows(*to)) return true;
  auto image = tx.Find(*to, name->id);
  if (!image || image->empty()) return false;
  return !circles_ || !field.annotation.reference().acyclic() ||
         !ClosesCircle(*type_, field, id_, text, tx).value_or(true);
}

record::Status ChangeBack::Stage(Transaction& tx) const {
  if (empty()) return {};
  std::string after = after_;
  if (event_ == "unmerged") {
    record::Status status = Derive(*type_, now_, "", tx, &after);
    if (status.code() != record::kOk) return status;
  }
  return tx.Stage(*type_, id_, now_, std::move(after), event_, etag_);
}

}  // namespace crm::shard
