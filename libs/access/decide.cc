#include "libs/access/decide.h"

namespace crm::access {
namespace {

constexpr Organization::Index kNone = Organization::kNone;

size_t At(Organization::Index index) { return static_cast<size_t>(index); }

class Decision {
 public:
  Decision(const Subject& subject, Right right, const Facts& facts,
           const Surroundings& surroundings, Derivation* derivation)
      : subject_(subject),
        organization_(subject.organization()),
        mutations_(organization_.mutations()),
        right_(right),
        facts_(facts),
        surroundings_(surroundings),
        derivation_(derivation),
        type_(organization_.FindType(facts.type)) {}

  Verdict Make() {
    if (type_ == kNone) return Note(false, Step::kType);
    const Organization::Type& type = organization_.types()[At(type_)];
    if (!mutations_.Has(Mutation::kNoGate)) {
      const Gate gate = subject_.GateTo(type, right_);
      if (gate != Gate::kOpen) return {false, Note(false, Step::kGate, {.gate = gate}).step, gate};
    }
    if (subject_.administrator() && !mutations_.Has(Mutation::kNoAdministrator))
      return Note(true, Step::kAdministrator);
    const Depth most = subject_.MostDepth(type_, right_);
    if (most == Depth::kNone && !mutations_.Has(Mutation::kNoTypeCheck))
      return Note(false, Step::kType);
    if (!mutations_.Has(Mutation::kNoOwnerCheck) && ByOwner(type)) return verdict_;
    if (ByShare() || ByInheritance() || ByHierarchy(type)) return verdict_;
    return Note(mutations_.Has(Mutation::kNoDenial), Step::kNothing);
  }

 private:
  Verdict Note(bool allowed, Step step) { return Note(allowed, step, {}); }
  Verdict Note(bool allowed, Step step, Derivation::Line line) {
    verdict_ = {allowed, step, line.gate};
    if (derivation_ != nullptr) {
      line.step = step;
      line.decided = true;
      derivation_->lines.push_back(std::move(line));
    }
    return verdict_;
  }
  bool Allow(Step step, Derivation::Line line) {
    Note(true, step, std::move(line));
    return true;
  }

  Depth DepthOf(const Subject::Grant& grant) const {
    return static_cast<Depth>(grant.depths[At(type_) * kRights + static_cast<size_t>(right_)]);
  }

  Derivation::Line LineOf(const Subject::Grant& grant, Depth depth) const {
    Derivation::Line line;
    if (derivation_ == nullptr) return line;
    line.depth = depth;
    for (Organization::Index role : grant.roles) {
      const auto& row = organization_.roles()[At(role)];
      if (row.depths[At(type_) * kRights + static_cast<size_t>(right_)] ==
          static_cast<uint8_t>(depth)) {
        line.roles.push_back(row.id);
      }
    }
    if (grant.team != kNone) line.through = Party::Team(organization_.teams()[At(grant.team)].id);
    return line;
  }

  bool Covers(const Subject::Grant& grant, Depth depth, Organization::Index unit) const {
    switch (depth) {
      case Depth::kNone:
        return false;
      case Depth::kUser:
        return facts_.owner == (grant.team == kNone
                                    ? Party::User(subject_.id())
                                    : Party::Team(organization_.teams()[At(grant.team)].id));
      case Depth::kUnit:
        return unit != kNone && unit == grant.anchor;
      case Depth::kUnits:
        return organization_.IsWithin(unit, grant.anchor);
      case Depth::kOrganization:
        return true;
    }
    return false;
  }

  bool ByOwner(const Organization::Type& type) {
    const bool everybodys = type.row.ownership == record::v1::Record::ORGANIZATION;
    const auto unit = everybodys ? kNone : organization_.UnitOf(facts_.owner);
    for (const Subject::Grant& grant : subject_.grants()) {
      const Depth depth = DepthOf(grant);
      if (Covers(grant, depth, unit)) return Allow(Step::kOwner, LineOf(grant, depth));
      if (derivation_ != nullptr && depth != Depth::kNone) {
        Derivation::Line line = LineOf(grant, depth);
        line.step = Step::kOwner;
        derivation_->lines.push_back(std::move(line));
      }
    }
    return false;
  }

  const std::vector<Share>& Shares() {
    if (!asked_) shares_ = surroundings_.Shares();
    asked_ = true;
    return shares_;
  }

  bool ByShare() {
    if (mutations_.Has(Mutation::kNoShares)) return false;
    for (const Share& share : Shares()) {
      if ((share.rights | share.inherited).Has(right_) && subject_.IsSelfOrTeam(share.with))
        return Allow(Step::kShare, {.through = share.with});
    }
    return false;
  }

  bool ByInheritance() {
    if (right_ != Right::kRead || mutations_.Has(Mutation::kNoInheritance)) return false;
    for (const Party& owner : surroundings_.OwnersAbove()) {
      if (subject_.IsSelfOrTeam(owner)) return Allow(Step::kInheritance, {.through = owner});
    }
    return false;
  }

  // The rights that a manager has on what is in reach of a report at this distance.
  bool ReachesAt(int distance) const {
    if (distance == 0) return false;
    if (right_ == Right::kRead) return true;
    return distance == 1 &&
           (right_ == Right::kWrite || right_ == Right::kAppend || right_ == Right::kAppendTo);
  }

  bool ByHierarchy(const Organization::Type& type) {
    if (organization_.hierarchy().model == Hierarchy::Model::kOff || !type.in_hierarchy ||
        mutations_.Has(Mutation::kNoHierarchy) ||
        subject_.MostDepth(type_, Right::kRead) == Depth::kNone) {
      return false;
    }
    const int distance = subject_.DistanceTo(facts_.owner);
    if (ReachesAt(distance))
      return Allow(Step::kHierarchy, {.through = facts_.owner, .distance = distance});
    for (const Share& share : Shares()) {
      const int to = share.rights.Has(right_) ? subject_.DistanceTo(share.with) : 0;
      if (ReachesAt(to)) return Allow(Step::kHierarchy, {.through = share.with, .distance = to});
    }
    return false;
  }

  const Subject& subject_;
  const Organization& organization_;
  const Mutations mutations_;
  const Right right_;
  const Facts& facts_;
  const Surroundings& surroundings_;
  Derivation* const derivation_;
  const Organization::Index type_;
  Verdict verdict_;
  bool asked_ = false;
  std::vector<Share> shares_;
};

}  // namespace

Verdict Decide(const Subject& subject, Right right, const Facts& facts,
               const Surroundings& surroundings, Derivation* derivation) {
  return Decision(subject, right, facts, surroundings, derivation).Make();
}

bool MayAny(const Subject& subject, Right right, TypeNumber type) {
  const auto index = subject.organization().FindType(type);
  if (index == kNone) return false;
  if (subject.GateTo(subject.organization().types()[At(index)], right) != Gate::kOpen) return false;
  return subject.administrator() || subject.MostDepth(index, right) != Depth::kNone;
}

std::string_view NameOf(Step step) {
  static constexpr std::string_view kNames[] = {"gate",  "administrator", "type",      "owner",
                                                "share", "inheritance",   "hierarchy", "nothing"};
  return kNames[static_cast<size_t>(step)];
}

}  // namespace crm::access
