#include "libs/shard/merge_fill.h"

#include <algorithm>
#include <set>

#include "libs/record/money.h"
#include "libs/record/name.h"
#include "libs/record/spans.h"
#include "libs/record/wire.h"
#include "libs/shard/pieces.h"
#include "libs/shard/standard.h"

namespace crm::shard {
namespace {

using record::Field;
using record::RecordType;

bool InUniqueIndex(const RecordType& type, const Field& field) {
  return std::any_of(type.indexes.begin(), type.indexes.end(), [&](const record::Index& index) {
    return index.unique && std::any_of(index.by.begin(), index.by.end(),
                                       [&](const auto& path) { return path.front() == &field; });
  });
}

// The currency of a record's amounts; empty: it has none yet.
std::string CurrencyOf(const RecordType& type, const Pieces& pieces) {
  const Field* currency = type.Find("currency");
  if (currency == nullptr || currency->kind != record::Kind::kText) return "";
  auto found = pieces.find(currency->name);
  if (found == pieces.end()) return "";
  return std::string(record::Spans::Read(found->second.bytes)->Text(currency->number));
}

class Filling {
 public:
  Filling(const MasterFill& fill, const Transaction& tx)
      : fill_(fill),
        type_(*fill.type),
        tx_(tx),
        take_(*fill.take),
        master_(fill.master),
        subordinate_(fill.subordinate),
        master_id_(record::Name::Parse(fill.master)->id) {}

  record::Status Run(std::string* after, std::vector<std::string>* fields) const {
    const Pieces before = PiecesOf(type_, fill_.before);
    Pieces filled = before;
    LeaveCircles(before, &filled);
    Fill(&filled);
    Take(&filled);
    LeaveCircles(before, &filled);
    *after = ImageOf(type_, filled);
    std::vector<record::Violation> violations;
    CheckCircles(type_, master_id_, fill_.before, *after, "take.", tx_, &violations);
    if (!violations.empty()) return record::InvalidArgument(violations);
    record::Status status = Derive(type_, fill_.before, "take.", tx_, after);
    if (status.code() == record::kOk) Tell(before, filled, fields);
    return status;
  }

 private:
  // In the order of the fields.
  void Tell(const Pieces& before, const Pieces& filled, std::vector<std::string>* fields) const {
    std::set<std::pair<uint32_t, std::string>> paths;
    for (const auto& [path, piece] : filled) {
      auto was = before.find(path);
      if (was == before.end() || was->second != piece) paths.insert({piece.field->number, path});
    }
    for (const auto& [path, piece] : before) {
      if (Fillable(piece.field) && !filled.contains(path) && take_.Contains(piece.field->number))
        paths.insert({piece.field->number, path});
    }
    for (const auto& [number, path] : paths) fields->push_back(path);
  }

  // An amount of another currency would be another amount in the master's.
  void Fill(Pieces* filled) const {
    const Pieces given = PiecesOf(type_, fill_.given);
    auto fill = [&](bool amounts) {
      const std::string currency = CurrencyOf(type_, *filled);
      for (const auto& [path, piece] : given) {
        if (!Fillable(piece.field) || filled->contains(path)) continue;
        if ((piece.field->kind == record::Kind::kMoney) != amounts) continue;
        if (InUniqueIndex(type_, *piece.field)) continue;
        if (amounts && !currency.empty() && currency != CurrencyOfAmount(piece)) continue;
        filled->emplace(path, piece);
      }
    };
    fill(false);
    fill(true);
  }

  static std::string CurrencyOfAmount(const Piece& piece) {
    record::WireReader field(piece.bytes);
    return std::string(field.Next() ? record::Money::Read(field.payload()).currency : "");
  }

  void Take(Pieces* filled) const {
    if (take_.empty()) return;
    const Pieces taken = PiecesOf(type_, take_.Merge(fill_.given, ImageOf(type_, *filled)));
    std::erase_if(*filled, [](const auto& entry) { return Fillable(entry.second.field); });
    for (const auto& [path, piece] : taken) {
      if (Fillable(piece.field)) (*filled)[path] = piece;
    }
  }

  // References of the master to itself, and those that would lead back to it now. What the caller
  // chose is left, to be refused.
  void LeaveCircles(const Pieces& before, Pieces* filled) const {
    for (const Field& field : type_.message->fields) {
      auto found = filled->find(field.name);
      if (field.kind != record::Kind::kReference || field.repeated || found == filled->end())
        continue;
      const std::string reference(record::Spans::Read(found->second.bytes)->Text(field.number));
      const bool moved = std::any_of(
          type_.referrers.begin(), type_.referrers.end(), [&](const record::Referrer& referrer) {
            return referrer.field == &field && referrer.on_merge == record::v1::ALL;
          });
      const bool itself = reference == master_ || (moved && reference == subordinate_);
      if (itself || (field.annotation.reference().acyclic() && Circles(field, reference))) {
        const bool chosen = take_.Contains(field.number) && !itself;
        auto was = before.find(field.name);
        if (chosen && (was == before.end() || was->second != found->second)) continue;
        filled->erase(found);
      }
    }
  }

  bool Circles(const Field& field, const std::string& reference) const {
    return ClosesCircle(type_, field, master_id_, reference, tx_).value_or(true);
  }

  const MasterFill& fill_;
  const RecordType& type_;
  const Transaction& tx_;
  const record::Mask& take_;
  const std::string& master_;
  const std::string& subordinate_;
  const record::Uuid master_id_;
};

}  // namespace

bool Fillable(const Field* field) {
  if (field == nullptr || field->output_only || field->immutable || field->identifier) return false;
  return !field->standard || field->number == record::kCustom ||
         field->number == record::kCustomPersonal;
}

record::Status FillMaster(const MasterFill& fill, const Transaction& tx, std::string* after,
                          std::vector<std::string>* fields) {
  return Filling(fill, tx).Run(after, fields);
}

}  // namespace crm::shard
