#include "libs/shard/merge_moves.h"

#include <algorithm>

#include "libs/record/image.h"
#include "libs/record/key.h"
#include "libs/record/name.h"
#include "libs/shard/pieces.h"

namespace crm::shard {
namespace {

using record::Field;
using record::RecordType;
using record::Uuid;

// Whether a record connects others rather than hanging on one.
bool Connects(const RecordType& type) {
  return std::count_if(type.message->fields.begin(), type.message->fields.end(),
                       [](const Field& field) {
                         return field.kind == record::Kind::kReference && field.required;
                       }) > 1;
}

// The record's own content: without its name, version, times, users and owner.
std::string ContentOf(const RecordType& type, std::string_view image) {
  Pieces pieces = PiecesOf(type, image);
  std::erase_if(pieces, [](const auto& entry) {
    const Field* field = entry.second.field;
    return field != nullptr && field->standard && field->number <= record::kOwner;
  });
  return ImageOf(type, pieces);
}

}  // namespace

MergeMoves::MergeMoves(const RecordType& type, std::string master, std::string subordinate,
                       const Transaction& tx)
    : type_(type), master_(std::move(master)), subordinate_(std::move(subordinate)), tx_(tx) {
  FindChildren();
}

void MergeMoves::FindChildren() {
  std::map<std::pair<uint16_t, Uuid>, MergeChild> children;
  for (const record::Referrer& referrer : type_.referrers) {
    if (referrer.on_merge != record::v1::ALL) continue;
    for (const Uuid& id : tx_.FindByIndex(*referrer.from, *referrer.index,
                                          *record::EncodeValue(*referrer.field, subordinate_))) {
      const std::string name = referrer.from->collection + "/" + id.Text();
      if (name == master_ || name == subordinate_) continue;
      MergeChild& child = children[{referrer.from->number, id}];
      child.type = referrer.from;
      child.id = id;
      child.by.push_back(&referrer);
    }
  }
  for (auto& [key, child] : children) children_.push_back(std::move(child));
}

std::optional<MergeMove> MergeMoves::Look(const MergeChild& child) {
  std::optional<std::string> before = tx_.Find(*child.type, child.id);
  if (!before || before->empty()) return std::nullopt;
  record::ImageEdit edit(*before);
  for (const record::Referrer* referrer : child.by) edit.SetText(referrer->field->number, master_);
  MergeMove move{child, std::move(*before), edit.Build(), {}};
  if (IsDouble(child, move.after)) move.drop = PlanDelete(*child.type, child.id, move.before, tx_);
  return move;
}

const MergeChild* MergeMoves::Between(const Field& field) const {
  constexpr int kMostSteps = 1'000;  // as far as a circle's check follows
  std::string at = master_;
  for (int step = 0; step < kMostSteps; ++step) {
    const auto name = record::Name::Parse(at);
    if (!name || name->collection != type_.collection) return nullptr;
    const auto image = tx_.FindHidden(type_, name->id);
    if (!image || image->empty()) return nullptr;
    const std::string above(record::TextIn(*image, field.number));
    if (above == subordinate_) {
      const auto found = std::find_if(
          children_.begin(), children_.end(),
          [&](const MergeChild& child) { return child.type == &type_ && child.id == name->id; });
      return found == children_.end() ? nullptr : &*found;
    }
    at = above;
  }
  return nullptr;
}

bool MergeMoves::IsDouble(const MergeChild& child, const std::string& after) {
  const auto spans = record::Spans::Read(after);
  if (HasSameKey(child, *spans)) return true;
  if (!Connects(*child.type)) return false;
  if (NamesMasterTwice(*child.type, *spans)) return true;
  return !ContentsAtMaster(*child.type).insert(ContentOf(*child.type, after)).second;
}

bool MergeMoves::HasSameKey(const MergeChild& child, const record::Spans& after) {
  for (const record::Index& index : child.type->indexes) {
    if (!index.unique || !after.Has(index.by.front().front()->number)) continue;
    std::string values;
    record::AppendIndexValues(index, after, &values);
    auto ids = tx_.FindByIndex(*child.type, index, values);
    ids.erase(child.id);
    if (!ids.empty() || !keys_.insert({&index, values}).second) return true;
  }
  return false;
}

bool MergeMoves::NamesMasterTwice(const RecordType& type, const record::Spans& after) const {
  int times = 0;
  for (const Field& field : type.message->fields) {
    const bool names = field.kind == record::Kind::kReference && field.required;
    times += names && after.Text(field.number) == master_ ? 1 : 0;
  }
  return times > 1;
}

std::set<std::string>& MergeMoves::ContentsAtMaster(const RecordType& type) {
  const auto [known, first] = contents_.try_emplace(type.number);
  if (!first) return known->second;
  for (const record::Referrer& referrer : type_.referrers) {
    if (referrer.from != &type || referrer.on_merge != record::v1::ALL) continue;
    for (const Uuid& id :
         tx_.FindByIndex(type, *referrer.index, *record::EncodeValue(*referrer.field, master_))) {
      const auto image = tx_.Find(type, id);
      if (image && !image->empty()) known->second.insert(ContentOf(type, *image));
    }
  }
  return known->second;
}

record::Status StageMove(const MergeMove& move, Transaction& tx) {
  if (move.drop) return StagePlan(*move.drop, tx);
  return tx.Stage(*move.child.type, move.child.id, move.before, move.after, "reparented",
                  EtagOf(move.before) + 1);
}

}  // namespace crm::shard
