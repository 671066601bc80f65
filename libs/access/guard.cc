#include "libs/access/guard.h"

#include <algorithm>

#include "crm/activity/v1/share.pb.h"
#include "libs/access/denial.h"
#include "libs/record/image.h"
#include "libs/record/key.h"
#include "libs/record/name.h"
#include "libs/record/spans.h"
#include "libs/record/wire.h"

namespace crm::access {
namespace {

constexpr int kMostSteps = 8;  // upwards

const Organization::Type* KnownType(const Subject& subject, const record::RecordType& type) {
  const Organization::Index index = subject.organization().FindType(type.number);
  if (index == Organization::kNone) return nullptr;
  return &subject.organization().types()[static_cast<size_t>(index)];
}

std::optional<Party> PartyOf(std::string_view name) {
  auto parsed = record::Name::Parse(name);
  if (!parsed) return std::nullopt;
  if (parsed->collection == "users") return Party::User(parsed->id);
  if (parsed->collection == "teams") return Party::Team(parsed->id);
  if (parsed->collection == "business_units") return Party::Unit(parsed->id);
  return std::nullopt;
}

Party OwnerOf(const Target& target) {
  auto spans = record::Spans::Read(target.image);
  if (!spans) return {};
  switch (target.type->annotation.ownership()) {
    case record::v1::Record::USER:
      return PartyOf(spans->Text(record::kOwner)).value_or(Party());
    case record::v1::Record::UNIT: {
      if (target.type->collection == "business_units") return Party::Unit(target.id);
      const record::Field* unit = target.type->Find("business_unit");
      return unit == nullptr ? Party() : PartyOf(spans->Text(unit->number)).value_or(Party());
    }
    default:
      return {};
  }
}

RightSet RightsOf(const google::protobuf::RepeatedField<int>& rights) {
  RightSet set;
  for (int right : rights) {
    if (right > 0 && right <= static_cast<int>(kRights)) set.Add(static_cast<Right>(right - 1));
  }
  return set;
}

// A record's shares and what is above it, looked up when they are asked for.
class Around final : public Surroundings {
 public:
  Around(const Records& records, const Target& target) : records_(records), target_(target) {}

  std::vector<Share> Shares() const override {
    if (!shares_) shares_ = FindShares();
    return *shares_;
  }

  std::vector<Party> OwnersAbove() const override {
    std::vector<Party> owners;
    for (const Ancestor& each : Above()) {
      if (each.reparents) owners.push_back(each.owner);
    }
    return owners;
  }

 private:
  std::vector<Share> FindShares() const {
    std::vector<Share> shares;
    for (const activity::v1::Share& row : RowsOf(target_.Name())) {
      if (auto party = PartyOf(row.principal()))
        shares.push_back({*party, RightsOf(row.rights()), {}});
    }
    for (const Ancestor& each : Above()) {
      if (!each.shares) continue;
      for (const activity::v1::Share& row : RowsOf(each.name)) {
        auto party = PartyOf(row.principal());
        // An access team is of one record only.
        if (party && row.access_team_template().empty())
          shares.push_back({*party, {}, RightsOf(row.rights())});
      }
    }
    return shares;
  }

  // A record above, and what comes down from it all the way.
  struct Ancestor {
    std::string name;
    Party owner;
    bool shares = false;     // what it is shared for
    bool reparents = false;  // its owner's reading
  };

  std::vector<activity::v1::Share> RowsOf(const std::string& name) const {
    std::vector<activity::v1::Share> rows;
    const record::RecordType* type = records_.catalogue().FindType("shares");
    const record::Index* index = type == nullptr ? nullptr : type->FindIndex("record");
    if (index == nullptr) return rows;
    const auto values = record::EncodeValue(*index->by.front().back(), name);
    for (const Id& id : records_.FindByIndex(*type, *index, *values)) {
      auto image = records_.Find(*type, id);
      if (image && !rows.emplace_back().ParseFromString(*image)) rows.pop_back();
    }
    return rows;
  }

  const std::vector<Ancestor>& Above() const {
    if (!above_) {
      above_.emplace();
      Climb(*target_.type, target_.image, {"", {}, true, true}, kMostSteps);
    }
    return *above_;
  }

  void Climb(const record::RecordType& type, std::string_view image, const Ancestor& from,
             int steps) const {
    auto spans = record::Spans::Read(image);
    for (const record::Field& field : type.message->fields) {
      if (field.kind != record::Kind::kReference || field.repeated) continue;
      auto name = record::Name::Parse(spans->Text(field.number));
      const record::RecordType* to =
          name ? records_.catalogue().FindType(name->collection) : nullptr;
      const record::Referrer* referrer = to == nullptr ? nullptr : ReferrerOf(*to, type, field);
      if (referrer == nullptr) continue;
      Ancestor ancestor{
          std::string(spans->Text(field.number)),
          {},
          from.shares && referrer->on_share != record::v1::NONE,
          from.reparents && referrer->reparent,
      };
      if (!ancestor.shares && !ancestor.reparents) continue;
      auto above = records_.Find(*to, name->id);
      if (!above) continue;
      ancestor.owner = OwnerOf({to, name->id, *above});
      above_->push_back(ancestor);
      if (steps > 1) Climb(*to, *above, ancestor, steps - 1);
    }
  }

  static const record::Referrer* ReferrerOf(const record::RecordType& to,
                                            const record::RecordType& from,
                                            const record::Field& field) {
    const auto found = std::find_if(to.referrers.begin(), to.referrers.end(),
                                    [&](const record::Referrer& referrer) {
                                      return referrer.from == &from && referrer.field == &field;
                                    });
    return found == to.referrers.end() ? nullptr : &*found;
  }

  const Records& records_;
  const Target& target_;
  mutable std::optional<std::vector<Ancestor>> above_;
  mutable std::optional<std::vector<Share>> shares_;  // that of one thread
};

std::string WithSecured(std::string_view image, const record::RecordType& type,
                        const std::vector<uint32_t>& hidden) {
  record::ImageEdit edit(image);
  for (uint32_t field : hidden) edit.Clear(field);
  std::string masked = edit.Build();
  std::string names;
  for (uint32_t field : hidden)
    record::AppendBytesField(record::kSecuredFields, type.message->Find(field)->name, &names);
  auto normal = record::Normalise(*type.message, masked + names);
  return normal ? std::move(*normal) : masked;
}

}  // namespace

const record::Field* FollowedField(const record::RecordType& type) {
  if (type.annotation.ownership() != record::v1::Record::PARENT) return nullptr;
  const record::Field* up = type.Find("regarding");
  return up != nullptr ? up : type.Find("record");
}

std::optional<std::string> Guard::Above(Target* target) const {
  std::optional<std::string> image;
  for (int step = 0; step < kMostSteps; ++step) {
    const record::Field* up = FollowedField(*target->type);
    if (up == nullptr) return image;
    auto name = record::Name::Parse(record::Spans::Read(target->image)->Text(up->number));
    const record::RecordType* to = name ? records_.catalogue().FindType(name->collection) : nullptr;
    auto above = to == nullptr ? std::nullopt : records_.Find(*to, name->id);
    if (!above) return image;
    target->type = to;
    target->id = name->id;
    image = std::move(above);
    target->image = *image;
  }
  return image;
}

Verdict Guard::DecideBy(Right right, const Target& decided, const Surroundings& surroundings,
                        Derivation* derivation) const {
  // A user always sees itself.
  if (right == Right::kRead && decided.type->collection == "users" &&
      decided.id == subject_->id() && subject_->gate() == Gate::kOpen) {
    return {true, Step::kOwner, Gate::kOpen};
  }
  return access::Decide(*subject_, right, {decided.type->number, OwnerOf(decided)}, surroundings,
                        derivation);
}

Verdict Guard::Decide(Right right, const Target& target, Derivation* derivation) const {
  if (subject_ == nullptr) return {true, Step::kAdministrator, Gate::kOpen};
  Target decided = target;
  const std::optional<std::string> above = Above(&decided);
  if (above) right = OnParent(right);
  return DecideBy(right, decided, Around(records_, decided), derivation);
}

RightSet Guard::RightsOn(const Target& target) const {
  RightSet rights{Right::kRead, Right::kWrite, Right::kDelete, Right::kAppend, Right::kAppendTo};
  if (target.type->annotation.ownership() == record::v1::Record::USER)
    rights = rights | RightSet{Right::kAssign, Right::kShare};
  if (subject_ == nullptr) return rights;
  Target decided = target;
  const std::optional<std::string> above = Above(&decided);
  const Around around(records_, decided);
  RightSet allowed;
  for (size_t i = 0; i < kRights; ++i) {
    const auto right = static_cast<Right>(i);
    if (rights.Has(right) &&
        DecideBy(above ? OnParent(right) : right, decided, around, nullptr).allowed) {
      allowed.Add(right);
    }
  }
  return allowed;
}

Gate Guard::GateTo(Right right, const record::RecordType& type) const {
  const Organization::Type* known = KnownType(*subject_, type);
  return known == nullptr ? subject_->gate() : subject_->GateTo(*known, right);
}

record::Status Guard::Closed(Gate gate, const record::RecordType& type) const {
  const Organization::Type* known = KnownType(*subject_, type);
  return access::Closed(gate, known == nullptr ? "" : known->row.module);
}

record::Status Guard::Check(Right right, const Target& target) const {
  if (subject_ == nullptr) return {};
  const Gate gate = GateTo(right, *target.type);
  if (gate != Gate::kOpen) return Closed(gate, *target.type);
  if (!May(Right::kRead, target)) return record::NotFound(target.Name());
  const Verdict verdict = right == Right::kRead ? Verdict{true} : Decide(right, target);
  if (verdict.allowed) return {};
  if (verdict.step == Step::kGate) return Closed(verdict.gate, *target.type);
  return MissingRight(right, target.Name());
}

record::Status Guard::CheckAny(Right right, const record::RecordType& type) const {
  if (subject_ == nullptr || type.annotation.ownership() == record::v1::Record::PARENT) return {};
  const Gate gate = GateTo(right, type);
  if (gate != Gate::kOpen) return Closed(gate, type);
  return MayAny(*subject_, right, type.number) ? record::Status()
                                               : MissingRight(right, type.collection);
}

std::string Guard::Masked(const record::RecordType& type, std::string image) const {
  if (subject_ == nullptr || image.empty()) return image;
  const auto& hidden = subject_->HiddenFields(type.number);
  return hidden.empty() ? image : WithSecured(image, type, hidden);
}

bool Guard::Hides(const record::RecordType& type, const record::Field& field) const {
  if (subject_ == nullptr) return false;
  const auto& hidden = subject_->HiddenFields(type.number);
  return std::find(hidden.begin(), hidden.end(), field.number) != hidden.end();
}

}  // namespace crm::access
