#include "libs/shard/merge.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "libs/record/check.h"
#include "libs/record/image.h"
#include "libs/record/key.h"
#include "libs/shard/pieces.h"
#include "libs/shard/standard.h"

namespace crm::shard {
namespace {

using record::Field;
using record::RecordType;
using record::Uuid;

bool Fillable(const Field* field) {
  if (field == nullptr || field->output_only || field->immutable || field->identifier) return false;
  return !field->standard || field->number == record::kCustom ||
         field->number == record::kCustomPersonal;
}

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

class Merger {
 public:
  Merger(const Merging& merging, Transaction& tx, Moved* moved)
      : merging_(merging),
        type_(*merging.type),
        tx_(tx),
        moved_(*moved),
        master_(merging.master),
        subordinate_(merging.subordinate) {}

  record::Status Run() {
    record::Status status = Check();
    if (status.code() == record::kOk) status = MoveReferrers();
    if (status.code() == record::kOk) status = CloseSubordinate();
    if (status.code() == record::kOk) status = FillMaster();
    return status;
  }

 private:
  struct Child {
    const RecordType* type = nullptr;
    Uuid id;
    std::vector<const record::Referrer*> by;
  };

  record::Status Check() {
    if (master_ == subordinate_) {
      return record::InvalidArgument(
          {{"subordinate", "SAME_RECORD", "A record is not merged into itself."}});
    }
    record::Status status = Load(master_, "name", &master_id_, &master_image_);
    if (status.code() == record::kOk)
      status = CheckEtag(merging_.master_etag, master_image_, master_);
    if (status.code() == record::kOk)
      status = Load(subordinate_, "subordinate", &subordinate_id_, &subordinate_image_);
    return status.code() == record::kOk ? CompileTake() : status;
  }

  record::Status Load(const std::string& name, const std::string& field, Uuid* id,
                      std::string* image) const {
    auto parsed = record::Name::Parse(name);
    if (!parsed || parsed->collection != type_.collection) {
      return record::InvalidArgument(
          {{field, "BAD_REFERENCE", "It must be one of " + type_.collection + "."}});
    }
    std::optional<std::string> found = tx_.Find(type_, parsed->id);
    if (!found || found->empty()) return record::NotFound(name);
    auto spans = record::Spans::Read(*found);
    const Field* state = type_.message->Find(record::kState);
    if (static_cast<int>(spans->Integer(record::kState)) != state->options->default_number) {
      return record::MakeStatus(record::kFailedPrecondition, "RECORD_INACTIVE",
                                name + " is not in use, so it is not merged.", {{"name", name}});
    }
    // It may be in use again.
    if (spans->Has(type_.Find("merged")->number)) {
      return record::MakeStatus(record::kFailedPrecondition, "ALREADY_MERGED",
                                name + " was merged before; take that back first.",
                                {{"name", name}});
    }
    *id = parsed->id;
    *image = std::move(*found);
    return {};
  }

  record::Status CompileTake() {
    std::vector<record::Violation> violations;
    take_ = record::Mask::Compile(*type_.message, merging_.take, "take", &violations);
    for (const std::string& path : merging_.take) {
      const Field* field = type_.Find(path.substr(0, path.find('.')));
      if (field != nullptr && !Fillable(field))
        violations.push_back({"take", "UNKNOWN_FIELD", path + " is no field that can be taken."});
    }
    return violations.empty() ? record::Status() : record::InvalidArgument(violations);
  }

  record::Status MoveReferrers() {
    std::map<std::pair<uint16_t, Uuid>, Child> children;
    for (const record::Referrer& referrer : type_.referrers) {
      if (referrer.on_merge != record::v1::ALL) continue;
      for (const Uuid& id : tx_.FindByIndex(*referrer.from, *referrer.index,
                                            *record::EncodeValue(*referrer.field, subordinate_))) {
        if (referrer.from == &type_ && (id == master_id_ || id == subordinate_id_)) continue;
        Child& each = children[{referrer.from->number, id}];
        each.type = referrer.from;
        each.id = id;
        each.by.push_back(&referrer);
      }
    }
    for (const auto& [key, each] : children) {
      record::Status status = Move(each);
      if (status.code() != record::kOk) return status;
    }
    return {};
  }

  record::Status Move(const Child& each) {
    std::optional<std::string> before = tx_.Find(*each.type, each.id);
    if (!before || before->empty()) return {};
    record::ImageEdit edit(*before);
    for (const record::Referrer* referrer : each.by) edit.SetText(referrer->field->number, master_);
    std::string after = edit.Build();
    if (IsDouble(each, after)) return Drop(*each.type, each.id, *before);
    ++moved_.records[each.type->collection];
    return tx_.Stage(*each.type, each.id, *before, std::move(after), "reparented",
                     EtagOf(*before) + 1);
  }

  // With what hangs on it, as by a delete.
  record::Status Drop(const RecordType& type, const Uuid& id, const std::string& image) {
    DeletePlan plan = PlanDelete(type, id, image, tx_);
    record::Status status;
    for (const auto& item : plan.unlinked) {
      record::ImageEdit edit(item.image);
      for (const Field* field : item.unlink) edit.Clear(field->number);
      status = tx_.Stage(*item.type, item.id, item.image, edit.Build(), "unlinked",
                         EtagOf(item.image) + 1);
      if (status.code() != record::kOk) return status;
    }
    for (const auto& item : plan.deleted) {
      status = tx_.StageDelete(*item.type, item.id, item.image);
      if (status.code() != record::kOk) return status;
    }
    return status;
  }

  bool IsDouble(const Child& each, const std::string& after) const {
    auto spans = record::Spans::Read(after);
    for (const record::Index& index : each.type->indexes) {
      if (!index.unique || !spans->Has(index.by.front().front()->number)) continue;
      std::string values;
      record::AppendIndexValues(index, *spans, &values);
      auto ids = tx_.FindByIndex(*each.type, index, values);
      ids.erase(each.id);
      if (!ids.empty()) return true;
    }
    if (!Connects(*each.type)) return false;
    return NamesMasterTwice(*each.type, *spans) || HasTwin(each, after);
  }

  bool NamesMasterTwice(const RecordType& type, const record::Spans& spans) const {
    int times = 0;
    for (const Field& field : type.message->fields) {
      const bool names = field.kind == record::Kind::kReference && field.required;
      times += names && spans.Text(field.number) == master_ ? 1 : 0;
    }
    return times > 1;
  }

  bool HasTwin(const Child& each, const std::string& after) const {
    const std::string content = ContentOf(*each.type, after);
    const record::Referrer& by = *each.by.front();
    for (const Uuid& id :
         tx_.FindByIndex(*each.type, *by.index, *record::EncodeValue(*by.field, master_))) {
      auto other = tx_.Find(*each.type, id);
      if (id != each.id && other && !other->empty() && ContentOf(*each.type, *other) == content)
        return true;
    }
    return false;
  }

  record::Status CloseSubordinate() {
    record::ImageEdit edit(subordinate_image_);
    auto spans = record::Spans::Read(subordinate_image_);
    for (const Field& field : type_.message->fields) {
      if (field.annotation.reference().acyclic() && spans->Text(field.number) == master_)
        edit.Clear(field.number);
    }
    edit.SetInteger(record::kState, static_cast<uint64_t>(merging_.state));
    edit.SetInteger(record::kStatus, static_cast<uint64_t>(merging_.status));
    edit.SetInteger(type_.Find("merged")->number, 1);
    edit.SetText(type_.Find("master")->number, master_);
    std::string after = edit.Build();
    record::Status status = Derive(type_, subordinate_image_, "", tx_, &after);
    if (status.code() != record::kOk) return status;
    return tx_.Stage(type_, subordinate_id_, subordinate_image_, std::move(after), "merged",
                     EtagOf(subordinate_image_) + 1);
  }

  record::Status FillMaster() {
    const Pieces before = PiecesOf(type_, master_image_);
    Pieces filled = before;
    LeaveCircles(before, &filled);
    Fill(&filled);
    Take(&filled);
    LeaveCircles(before, &filled);
    std::string after = ImageOf(type_, filled);
    std::vector<record::Violation> violations;
    CheckCircles(type_, master_id_, master_image_, after, "take.", tx_, &violations);
    if (!violations.empty()) return record::InvalidArgument(violations);
    record::Status status = Derive(type_, master_image_, "take.", tx_, &after);
    if (status.code() != record::kOk) return status;
    TellFilled(before, filled);
    return tx_.Stage(type_, master_id_, master_image_, std::move(after), "merged",
                     EtagOf(master_image_) + 1);
  }

  // In the order of the fields.
  void TellFilled(const Pieces& before, const Pieces& filled) {
    std::set<std::pair<uint32_t, std::string>> paths;
    for (const auto& [path, piece] : filled) {
      auto was = before.find(path);
      if (was == before.end() || was->second != piece) paths.insert({piece.field->number, path});
    }
    for (const auto& [path, piece] : before) {
      if (Fillable(piece.field) && !filled.contains(path) && take_.Contains(piece.field->number))
        paths.insert({piece.field->number, path});
    }
    for (const auto& [number, path] : paths) moved_.fields.push_back(path);
  }

  // An amount of another currency would be another amount in the master's.
  void Fill(Pieces* filled) const {
    const Pieces given = PiecesOf(type_, subordinate_image_);
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
    auto field = record::Spans::Read(piece.bytes);
    auto money = record::Spans::Read(field->all().front().payload);
    return money ? std::string(money->Text(1)) : "";
  }

  void Take(Pieces* filled) const {
    if (take_.empty()) return;
    const Pieces taken = PiecesOf(type_, take_.Merge(subordinate_image_, ImageOf(type_, *filled)));
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

  const Merging& merging_;
  const RecordType& type_;
  Transaction& tx_;
  Moved& moved_;
  const std::string master_;
  const std::string subordinate_;
  record::Mask take_;
  Uuid master_id_;
  Uuid subordinate_id_;
  std::string master_image_;
  std::string subordinate_image_;
};

}  // namespace

record::Status Merge(const Merging& merging, Transaction& tx, Moved* moved) {
  CRM_CHECK(merging.type->Find("merged") && merging.type->Find("master"));
  moved->master = merging.master;
  return Merger(merging, tx, moved).Run();
}

}  // namespace crm::shard
