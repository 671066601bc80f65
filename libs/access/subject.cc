#include "libs/access/subject.h"

#include <algorithm>
#include <set>

namespace crm::access {
namespace {

constexpr Subject::Index kNone = Organization::kNone;

size_t At(Subject::Index index) { return static_cast<size_t>(index); }

}  // namespace

Subject::Subject(const Organization& organization, Index user)
    : organization_(organization), user_(user) {
  CompileGrants();
  CompileReports();
  CompileFields();
  gate_ = CompileGate();
  fingerprint_ = CompileFingerprint();
}

void Subject::AddGrant(Index team, Index anchor, const std::vector<Index>& roles) {
  Grant& grant = grants_.emplace_back();
  grant.team = team;
  grant.anchor = anchor;
  grant.roles = roles;
  grant.depths.resize(most_.size());
  for (Index index : roles) {
    const Organization::Role& role = organization_.roles()[At(index)];
    administrator_ = administrator_ || role.administrator;
    for (size_t i = 0; i < most_.size(); ++i)
      grant.depths[i] = std::max(grant.depths[i], role.depths[i]);
  }
  for (size_t i = 0; i < most_.size(); ++i) most_[i] = std::max(most_[i], grant.depths[i]);
}

void Subject::CompileGrants() {
  const Organization::User& user = organization_.users()[At(user_)];
  most_.resize(organization_.types().size() * kRights);
  if (!organization_.mutations().Has(Mutation::kNoOwnGrants))
    AddGrant(kNone, user.unit, user.roles);
  if (organization_.mutations().Has(Mutation::kNoTeamGrants)) return;
  for (Index index : user.teams) {
    const Organization::Team& team = organization_.teams()[At(index)];
    if (team.owns && !team.roles.empty()) AddGrant(index, team.unit, team.roles);
  }
}

void Subject::Reach(Index user, int distance) {
  reports_.emplace(user, distance);
  for (Index team : organization_.users()[At(user)].teams) {
    auto [at, added] = report_teams_.emplace(team, distance);
    if (!added) at->second = std::min(at->second, distance);
  }
}

// Breadth first, so that each is met at its smallest distance.
void Subject::CompileReports() {
  const Hierarchy& hierarchy = organization_.hierarchy();
  const Organization::User& self = organization_.users()[At(user_)];
  if (hierarchy.model == Hierarchy::Model::kManager) {
    std::vector<Index> level{user_};
    std::set<Index> met{user_};
    for (int distance = 1; distance <= hierarchy.depth && !level.empty(); ++distance) {
      std::vector<Index> next;
      for (Index above : level) {
        for (Index report : organization_.users()[At(above)].reports) {
          if (!met.insert(report).second) continue;
          next.push_back(report);
          const Index unit = organization_.users()[At(report)].unit;
          const bool in_sight =
              unit != kNone &&
              (unit == self.unit ||
               (self.unit != kNone && organization_.units()[At(unit)].parent == self.unit));
          if (in_sight) Reach(report, distance);
        }
      }
      level = std::move(next);
    }
  } else if (hierarchy.model == Hierarchy::Model::kPosition && self.position != kNone) {
    std::vector<Index> level{self.position};
    std::set<Index> met{self.position};
    for (int distance = 1; distance <= hierarchy.depth && !level.empty(); ++distance) {
      std::vector<Index> next;
      for (Index above : level) {
        for (Index below : organization_.positions()[At(above)].below) {
          if (!met.insert(below).second) continue;
          next.push_back(below);
          for (Index user : organization_.positions()[At(below)].users) Reach(user, distance);
        }
      }
      level = std::move(next);
    }
  }
}

void Subject::CompileFields() {
  for (FieldRule rule : organization_.secured()) {
    for (Index index : organization_.users()[At(user_)].profiles) {
      for (const FieldRule& field : organization_.profiles()[At(index)].fields) {
        if (field.type != rule.type || field.field != rule.field) continue;
        rule.read = rule.read || field.read;
        rule.create = rule.create || field.create;
        rule.update = rule.update || field.update;
      }
    }
    if (administrator_) rule.read = rule.create = rule.update = true;
    if (!rule.read) hidden_[rule.type].push_back(rule.field);
    fields_.push_back(rule);
  }
}

Gate Subject::CompileGate() const {
  const Organization::User& user = organization_.users()[At(user_)];
  if (!organization_.active()) return Gate::kTenantSuspended;
  if (!user.enabled) return Gate::kUserDisabled;
  const bool has_role = std::any_of(grants_.begin(), grants_.end(),
                                    [](const Grant& grant) { return !grant.roles.empty(); });
  if (!has_role) return Gate::kNoRole;
  return user.seats.empty() ? Gate::kNoSeat : Gate::kOpen;
}

Gate Subject::GateTo(const Organization::Type& type, Right right) const {
  if (gate_ != Gate::kOpen) return gate_;
  const Organization::User& user = organization_.users()[At(user_)];
  const bool seated = type.row.module.empty() || std::find(user.seats.begin(), user.seats.end(),
                                                           type.row.module) != user.seats.end();
  if (!seated) return Gate::kNoSeat;
  if (user.mode == Mode::kRead && right != Right::kRead) return Gate::kMode;
  if (user.mode == Mode::kAdministrative && !type.row.administrative) return Gate::kMode;
  return Gate::kOpen;
}

bool Subject::HasMiscellaneous(std::string_view privilege) const {
  if (administrator_) return true;
  for (const Grant& grant : grants_) {
    for (Index index : grant.roles) {
      const auto& names = organization_.roles()[At(index)].miscellaneous;
      if (std::find(names.begin(), names.end(), privilege) != names.end()) return true;
    }
  }
  return false;
}

bool Subject::IsIn(Index team) const {
  const auto& teams = organization_.users()[At(user_)].teams;
  return std::binary_search(teams.begin(), teams.end(), team);
}

bool Subject::IsSelfOrTeam(const Party& party) const {
  if (party.kind == Party::Kind::kUser) return party.id == id();
  if (party.kind != Party::Kind::kTeam) return false;
  const Index team = organization_.FindTeam(party.id);
  return team != kNone && IsIn(team);
}

int Subject::DistanceTo(const Party& party) const {
  if (reports_.empty()) return 0;
  const bool team = party.kind == Party::Kind::kTeam;
  if (!team && party.kind != Party::Kind::kUser) return 0;
  const auto& among = team ? report_teams_ : reports_;
  auto found =
      among.find(team ? organization_.FindTeam(party.id) : organization_.FindUser(party.id));
  return found == among.end() ? 0 : found->second;
}

FieldRule Subject::RuleOf(TypeNumber type, uint32_t field) const {
  for (const FieldRule& rule : fields_) {
    if (rule.type == type && rule.field == field) return rule;
  }
  return {type, field, true, true, true};
}

const std::vector<uint32_t>& Subject::HiddenFields(TypeNumber type) const {
  static const std::vector<uint32_t> kNothing;
  auto found = hidden_.find(type);
  return found == hidden_.end() ? kNothing : found->second;
}

std::vector<Party> Subject::Parties() const {
  std::vector<Party> parties{Party::User(id())};
  for (Index team : organization_.users()[At(user_)].teams)
    parties.push_back(Party::Team(organization_.teams()[At(team)].id));
  return parties;
}

std::optional<std::vector<Party>> Subject::ReadableOwners(TypeNumber number, size_t most) const {
  const Index type = organization_.FindType(number);
  if (type == kNone) return std::vector<Party>();
  std::set<Party> owners;
  auto add_unit = [&](const Organization::Unit& unit) {
    for (Index user : unit.users) owners.insert(Party::User(organization_.users()[At(user)].id));
    for (Index team : unit.teams) owners.insert(Party::Team(organization_.teams()[At(team)].id));
  };
  if (administrator_) return std::nullopt;
  for (const Grant& grant : grants_) {
    const auto depth =
        static_cast<Depth>(grant.depths[At(type) * kRights + static_cast<size_t>(Right::kRead)]);
    if (depth == Depth::kOrganization) return std::nullopt;
    if (depth == Depth::kUser && grant.team == kNone) owners.insert(Party::User(id()));
    if (depth == Depth::kUser && grant.team != kNone)
      owners.insert(Party::Team(organization_.teams()[At(grant.team)].id));
    if (depth < Depth::kUnit || grant.anchor == kNone) continue;
    if (depth == Depth::kUnit) add_unit(organization_.units()[At(grant.anchor)]);
    for (size_t i = 0; depth == Depth::kUnits && i < organization_.units().size(); ++i) {
      if (organization_.IsWithin(static_cast<Index>(i), grant.anchor))
        add_unit(organization_.units()[i]);
      if (owners.size() > most) return std::nullopt;
    }
    if (owners.size() > most) return std::nullopt;
  }
  if (organization_.types()[At(type)].in_hierarchy &&
      MostDepth(type, Right::kRead) > Depth::kNone) {
    for (const auto& [user, distance] : reports_)
      owners.insert(Party::User(organization_.users()[At(user)].id));
    for (const auto& [team, distance] : report_teams_)
      owners.insert(Party::Team(organization_.teams()[At(team)].id));
  }
  if (owners.size() > most) return std::nullopt;
  return std::vector<Party>(owners.begin(), owners.end());
}

uint64_t Subject::CompileFingerprint() const {
  uint64_t hash = 0xcbf29ce484222325u;
  auto mix = [&](uint64_t value) { hash = (hash ^ value) * 0x100000001b3u; };
  auto mix_id = [&](const Id& id) { mix(IdHash()(id)); };
  mix(static_cast<uint64_t>(gate_));
  mix(administrator_ ? 1 : 0);
  for (const Grant& grant : grants_) {
    if (grant.team != kNone) mix_id(organization_.teams()[At(grant.team)].id);
    for (uint8_t depth : grant.depths) mix(depth);
    for (size_t i = 0; i < organization_.units().size(); ++i) {
      if (organization_.IsWithin(static_cast<Index>(i), grant.anchor))
        mix_id(organization_.units()[i].id);
    }
  }
  for (const Party& party : Parties()) mix_id(party.id);
  std::set<std::pair<Id, int>> reports;
  for (const auto& [user, distance] : reports_)
    reports.insert({organization_.users()[At(user)].id, distance});
  for (const auto& [report, distance] : reports) {
    mix_id(report);
    mix(static_cast<uint64_t>(distance));
  }
  for (const FieldRule& rule : fields_)
    mix(uint64_t{rule.type} << 40 | uint64_t{rule.field} << 3 | (rule.read ? 4u : 0u) |
        (rule.create ? 2u : 0u) | (rule.update ? 1u : 0u));
  const Organization::User& user = organization_.users()[At(user_)];
  mix(static_cast<uint64_t>(user.mode));
  for (const std::string& seat : user.seats) mix(std::hash<std::string>()(seat));
  return hash;
}

std::string_view NameOf(Gate gate) {
  static constexpr std::string_view kNames[] = {"",        "TENANT_SUSPENDED", "USER_DISABLED",
                                                "NO_ROLE", "NO_SEAT",          "ACCESS_MODE"};
  return kNames[static_cast<size_t>(gate)];
}

}  // namespace crm::access
