#include "libs/shard/merge.h"

#include <algorithm>
#include <set>

#include "libs/record/image.h"
#include "libs/record/key.h"
#include "libs/shard/standard.h"

namespace crm::shard {
namespace {

using Key = std::pair<const record::RecordType*, record::Uuid>;

struct Party {
  std::string name;
  record::Uuid id;
  std::string image;
};

record::Status Find(const record::RecordType& type, const std::string& name,
                    const std::string& field, const Transaction& tx, Party* party) {
  auto parsed = record::Name::Parse(name);
  if (!parsed || parsed->collection != type.collection) {
    return record::InvalidArgument(
        {{field, "BAD_REFERENCE", "It must be one of " + type.collection + "."}});
  }
  auto image = tx.Find(type, parsed->id);
  if (!image || image->empty()) return record::NotFound(name);
  *party = {name, parsed->id, std::move(*image)};
  const auto state = static_cast<int>(record::Spans::Read(party->image)->Integer(record::kState));
  if (state == type.message->Find(record::kState)->options->default_number) return {};
  return record::MakeStatus(record::kFailedPrecondition, "RECORD_INACTIVE",
                            name + " is not in use, so it is not merged.", {{"name", name}});
}

class Merger {
 public:
  Merger(const Merging& merging, Party master, Party subordinate, Transaction& tx, Moved* moved)
      : merging_(merging),
        type_(*merging.type),
        master_(std::move(master)),
        subordinate_(std::move(subordinate)),
        tx_(tx),
        moved_(*moved) {}

  record::Status Run() {
    record::Status status = FillMaster();
    if (status.code() == record::kOk) status = MoveReferrers();
    if (status.code() == record::kOk) status = WriteMaster();
    return status.code() == record::kOk ? CloseSubordinate() : status;
  }

 private:
  bool SameCurrency() const {
    const record::Field* currency = type_.Find("currency");
    if (currency == nullptr) return true;
    const auto ours = record::Spans::Read(master_.image)->Text(currency->number);
    const auto theirs = record::Spans::Read(subordinate_.image)->Text(currency->number);
    return ours.empty() || theirs.empty() || ours == theirs;
  }
  bool MayFill(const record::Field& field, const record::Spans& theirs) const {
    if (field.output_only || field.immutable || field.identifier ||
        (field.number < record::kCustom && field.number != record::kCustom) || field.map)
      return false;
    if (field.kind == record::Kind::kMoney && !SameCurrency()) return false;
    // Nobody is above himself.
    return field.kind != record::Kind::kReference || theirs.Text(field.number) != master_.name;
  }

  record::Status FillMaster() {
    auto ours = record::Spans::Read(master_.image);
    auto theirs = record::Spans::Read(subordinate_.image);
    std::vector<record::Violation> violations;
    for (const std::string& taken : merging_.take) {
      const record::Field* field = type_.Find(taken);
      if (field == nullptr || !MayFill(*field, *theirs))
        violations.push_back({"take", "UNKNOWN_FIELD", taken + " is no field that can be taken."});
    }
    if (!violations.empty()) return record::InvalidArgument(violations);
    for (const record::Field& field : type_.message->fields) {
      const bool taken =
          std::find(merging_.take.begin(), merging_.take.end(), field.name) != merging_.take.end();
      const bool missing = !ours->Has(field.number) && theirs->Has(field.number);
      if (MayFill(field, *theirs) && (taken || missing)) moved_.fields.push_back(field.name);
    }
    filled_ = master_.image;
    if (!moved_.fields.empty()) {
      auto mask = record::Mask::Compile(*type_.message, moved_.fields, "take", &violations);
      filled_ = mask.Merge(subordinate_.image, master_.image);
    }
    LeaveCircles();
    return Derive(type_, master_.image, "", tx_, &filled_);
  }

  // Where following a field from the master leads to the subordinate, the master takes its place.
  void LeaveCircles() {
    auto theirs = record::Spans::Read(subordinate_.image);
    for (const record::Field& field : type_.message->fields) {
      if (field.kind != record::Kind::kReference || field.repeated || field.output_only) continue;
      std::string up(record::Spans::Read(filled_)->Text(field.number));
      std::set<std::string> seen;
      while (!up.empty() && up != subordinate_.name && seen.insert(up).second) {
        auto name = record::Name::Parse(up);
        if (!name || name->collection != type_.collection) break;
        auto image = tx_.Find(type_, name->id);
        up = image && !image->empty() ? std::string(record::Spans::Read(*image)->Text(field.number))
                                      : "";
      }
      if (up != subordinate_.name) continue;
      record::ImageEdit edit(filled_);
      edit.SetText(field.number, theirs->Text(field.number));
      filled_ = edit.Build();
    }
  }

  record::Status MoveReferrers() {
    std::map<Key, std::vector<const record::Field*>> found;
    record::Field reference;
    reference.kind = record::Kind::kReference;
    const std::string value = *record::EncodeValue(reference, subordinate_.name);
    for (const record::Referrer& referrer : type_.referrers) {
      if (referrer.on_merge != record::v1::ALL) continue;
      for (const record::Uuid& id : tx_.FindByIndex(*referrer.from, *referrer.index, value)) {
        const bool self = referrer.from == &type_ && (id == master_.id || id == subordinate_.id);
        if (!self) found[{referrer.from, id}].push_back(referrer.field);
      }
    }
    for (const auto& [key, fields] : found) {
      record::Status status = Move(*key.first, key.second, fields);
      if (status.code() != record::kOk) return status;
    }
    return {};
  }

  record::Status Move(const record::RecordType& type, const record::Uuid& id,
                      const std::vector<const record::Field*>& fields) {
    auto image = tx_.Find(type, id);
    if (!image || image->empty()) return {};
    ++moved_.records[type.collection];
    auto spans = record::Spans::Read(*image);
    // Something that links two records links nothing once they are one.
    for (const record::Field& field : type.message->fields) {
      const bool moves = std::find(fields.begin(), fields.end(), &field) != fields.end();
      const bool link = field.required && field.kind == record::Kind::kReference;
      if (!moves && link && spans->Text(field.number) == master_.name)
        return tx_.StageDelete(type, id, *image);
    }
    record::ImageEdit edit(*image);
    for (const record::Field* field : fields) edit.SetText(field->number, master_.name);
    return tx_.Stage(type, id, *image, edit.Build(), "reparented", EtagOf(*image) + 1);
  }

  record::Status WriteMaster() {
    return tx_.Stage(type_, master_.id, master_.image, filled_, "merged",
                     EtagOf(master_.image) + 1);
  }

  record::Status CloseSubordinate() {
    record::ImageEdit edit(subordinate_.image);
    edit.SetInteger(type_.Find("merged")->number, 1);
    edit.SetText(type_.Find("master")->number, master_.name);
    edit.SetInteger(record::kState, static_cast<uint64_t>(merging_.state));
    edit.SetInteger(record::kStatus, static_cast<uint64_t>(merging_.status));
    return tx_.Stage(type_, subordinate_.id, subordinate_.image, edit.Build(), "merged",
                     EtagOf(subordinate_.image) + 1);
  }

  const Merging& merging_;
  const record::RecordType& type_;
  Party master_;
  Party subordinate_;
  Transaction& tx_;
  Moved& moved_;
  std::string filled_;
};

}  // namespace

record::Status Merge(const Merging& merging, Transaction& tx, Moved* moved) {
  if (merging.master == merging.subordinate) {
    return record::InvalidArgument(
        {{"subordinate", "SAME_RECORD", "A record is not merged into itself."}});
  }
  Party master, subordinate;
  record::Status status = Find(*merging.type, merging.master, "name", tx, &master);
  if (status.code() == record::kOk)
    status = CheckEtag(merging.master_etag, master.image, merging.master);
  if (status.code() == record::kOk)
    status = Find(*merging.type, merging.subordinate, "subordinate", tx, &subordinate);
  if (status.code() != record::kOk) return status;
  moved->master = merging.master;
  return Merger(merging, std::move(master), std::move(subordinate), tx, moved).Run();
}

}  // namespace crm::shard
