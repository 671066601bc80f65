#include "libs/access/organization.h"

#include <algorithm>

#include "libs/access/subject.h"

namespace crm::access {
namespace {

template <class Row>
std::unordered_map<Id, Organization::Index, IdHash> Numbered(const std::vector<Row>& rows) {
  std::unordered_map<Id, Organization::Index, IdHash> ids;
  ids.reserve(rows.size());
  for (const Row& row : rows) ids.emplace(row.id, static_cast<Organization::Index>(ids.size()));
  return ids;
}

size_t At(Organization::Index index) { return static_cast<size_t>(index); }

}  // namespace

Organization::Organization(Description description, Mutations mutations)
    : active_(description.active),
      mutations_(mutations),
      hierarchy_(std::move(description.hierarchy)),
      templates_(std::move(description.templates)),
      unit_ids_(Numbered(description.units)),
      role_ids_(Numbered(description.roles)),
      user_ids_(Numbered(description.users)),
      team_ids_(Numbered(description.teams)),
      position_ids_(Numbered(description.positions)) {
  CompileTypes(description);
  CompileUnits(description.units);
  CompileRoles(description.roles);
  CompilePositions(description.positions);
  CompileUsers(description.users);
  CompileTeams(description.teams);
  CompileProfiles(description.profiles);
  subjects_.resize(users_.size());
}

Organization::~Organization() = default;

std::vector<Organization::Index> Organization::FindAll(const Ids& ids,
                                                       const std::vector<Id>& wanted) {
  std::vector<Index> found;
  found.reserve(wanted.size());
  for (const Id& id : wanted) {
    if (const Index index = Find(ids, id); index != kNone) found.push_back(index);
  }
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

void Organization::CompileTypes(const Description& description) {
  for (const TypeRow& row : description.types) {
    if (row.number >= type_numbers_.size()) type_numbers_.resize(size_t{row.number} + 1, kNone);
    type_numbers_[row.number] = static_cast<Index>(types_.size());
    const auto& excluded = hierarchy_.excluded;
    types_.push_back(
        {row, std::find(excluded.begin(), excluded.end(), row.number) == excluded.end(), false});
  }
}

void Organization::CompileUnits(const std::vector<UnitRow>& rows) {
  std::vector<std::vector<Index>> below(rows.size());
  std::vector<Index> waiting;
  for (size_t i = 0; i < rows.size(); ++i) {
    Unit& unit = units_.emplace_back();
    unit.id = rows[i].id;
    unit.parent = rows[i].parent ? Find(unit_ids_, *rows[i].parent) : kNone;
    (unit.parent == kNone ? waiting : below[At(unit.parent)]).push_back(static_cast<Index>(i));
  }
  // Depth first: a unit is numbered when it is met, and closed when all below it have been.
  Index next = 0;
  std::vector<std::pair<Index, bool>> stack;
  for (Index root : waiting) stack.push_back({root, false});
  while (!stack.empty()) {
    auto [unit, closes] = stack.back();
    stack.pop_back();
    if (closes) {
      units_[At(unit)].leave = next;
      continue;
    }
    units_[At(unit)].enter = next++;
    stack.push_back({unit, true});
    for (Index child : below[At(unit)]) stack.push_back({child, false});
  }
}

void Organization::CompileRoles(const std::vector<RoleRow>& rows) {
  for (const RoleRow& row : rows) {
    Role& role = roles_.emplace_back();
    role.id = row.id;
    role.title = row.title;
    role.administrator = row.administrator;
    role.miscellaneous = row.miscellaneous;
    role.depths.resize(types_.size() * kRights);
    for (const Privilege& privilege : row.privileges) {
      const Index type = FindType(privilege.type);
      if (type == kNone) continue;
      uint8_t& depth = role.depths[At(type) * kRights + static_cast<size_t>(privilege.right)];
      depth = std::max(depth, static_cast<uint8_t>(privilege.depth));
    }
  }
}

void Organization::CompilePositions(const std::vector<PositionRow>& rows) {
  for (const PositionRow& row : rows) {
    Position& position = positions_.emplace_back();
    position.id = row.id;
    position.parent = row.parent ? Find(position_ids_, *row.parent) : kNone;
  }
  for (size_t i = 0; i < positions_.size(); ++i) {
    if (const Index parent = positions_[i].parent; parent != kNone)
      positions_[At(parent)].below.push_back(static_cast<Index>(i));
  }
}

void Organization::CompileUsers(const std::vector<UserRow>& rows) {
  for (const UserRow& row : rows) {
    const auto self = static_cast<Index>(users_.size());
    User& user = users_.emplace_back();
    user.id = row.id;
    user.unit = Find(unit_ids_, row.unit);
    user.manager = row.manager ? Find(user_ids_, *row.manager) : kNone;
    user.position = row.position ? Find(position_ids_, *row.position) : kNone;
    user.mode = row.mode;
    user.enabled = row.enabled;
    user.roles = FindAll(role_ids_, row.roles);
    user.seats = row.seats;
    if (user.unit != kNone) units_[At(user.unit)].users.push_back(self);
    if (user.position != kNone) positions_[At(user.position)].users.push_back(self);
    if (!row.sign_in_name.empty()) sign_in_names_.emplace(row.sign_in_name, self);
  }
  for (size_t i = 0; i < users_.size(); ++i) {
    if (const Index manager = users_[i].manager; manager != kNone)
      users_[At(manager)].reports.push_back(static_cast<Index>(i));
  }
}

void Organization::CompileTeams(const std::vector<TeamRow>& rows) {
  for (const TeamRow& row : rows) {
    const auto self = static_cast<Index>(teams_.size());
    Team& team = teams_.emplace_back();
    team.id = row.id;
    team.unit = Find(unit_ids_, row.unit);
    team.owns = row.owns;
    team.members = FindAll(user_ids_, row.members);
    if (row.everyone && team.unit != kNone) team.members = units_[At(team.unit)].users;
    if (row.owns) team.roles = FindAll(role_ids_, row.roles);
    if (team.unit != kNone) units_[At(team.unit)].teams.push_back(self);
    for (Index member : team.members) users_[At(member)].teams.push_back(self);
  }
}

void Organization::CompileProfiles(const std::vector<ProfileRow>& rows) {
  for (const ProfileRow& row : rows) {
    const auto self = static_cast<Index>(profiles_.size());
    profiles_.push_back({row.fields});
    auto members = FindAll(user_ids_, row.users);
    for (Index team : FindAll(team_ids_, row.teams)) {
      const auto& more = teams_[At(team)].members;
      members.insert(members.end(), more.begin(), more.end());
    }
    for (Index member : members) users_[At(member)].profiles.push_back(self);
    for (const FieldRule& field : row.fields) {
      auto same = [&](const FieldRule& other) {
        return other.type == field.type && other.field == field.field;
      };
      if (std::none_of(secured_.begin(), secured_.end(), same))
        secured_.push_back({field.type, field.field, false, false, false});
      if (const Index type = FindType(field.type); type != kNone) types_[At(type)].secured = true;
    }
  }
}

Organization::Index Organization::FindUser(std::string_view sign_in_name) const {
  auto found = sign_in_names_.find(std::string(sign_in_name));
  return found == sign_in_names_.end() ? kNone : found->second;
}

Organization::Index Organization::UnitOf(const Party& owner) const {
  switch (owner.kind) {
    case Party::Kind::kUser: {
      const Index user = FindUser(owner.id);
      return user == kNone ? kNone : users_[At(user)].unit;
    }
    case Party::Kind::kTeam: {
      const Index team = FindTeam(owner.id);
      return team == kNone ? kNone : teams_[At(team)].unit;
    }
    case Party::Kind::kUnit:
      return FindUnit(owner.id);
    case Party::Kind::kNobody:
      break;
  }
  return kNone;
}

const Subject& Organization::SubjectOf(Index user) const {
  std::lock_guard lock(mutex_);
  auto& subject = subjects_[At(user)];
  if (!subject) subject = std::make_unique<const Subject>(*this, user);
  return *subject;
}

}  // namespace crm::access
