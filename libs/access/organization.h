#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "libs/access/description.h"
#include "libs/access/mutations.h"

namespace crm::access {

class Subject;

struct IdHash {
  size_t operator()(const Id& id) const {
    uint64_t halves[2];
    static_assert(sizeof halves == sizeof id.bytes);
    __builtin_memcpy(halves, id.bytes.data(), sizeof halves);
    return static_cast<size_t>(halves[0] * 0x9e3779b97f4a7c15u ^ halves[1]);
  }
};

// One tenant's users, teams, units, roles and so on, compiled for decisions. Never changes; when
// identity says something new, another one takes its place. Thread-safe.
class Organization {
 public:
  using Index = int32_t;
  static constexpr Index kNone = -1;

  // References to what the description does not have are taken as absent.
  explicit Organization(Description description, Mutations mutations = {});
  ~Organization();
  Organization(const Organization&) = delete;
  Organization& operator=(const Organization&) = delete;

  struct Type {
    TypeRow row;
    bool in_hierarchy = true;
    bool secured = false;  // some of its fields are
  };
  struct Unit {
    Id id;
    Index parent = kNone;
    // Units below have their `enter` within [enter, leave): a walk numbered them.
    Index enter = 0;
    Index leave = 0;
    std::vector<Index> users;
    std::vector<Index> teams;
  };
  struct Role {
    Id id;
    std::string title;
    bool administrator = false;
    std::vector<uint8_t> depths;  // by type and right
    std::vector<std::string> miscellaneous;
  };
  struct User {
    Id id;
    Index unit = kNone;
    Index manager = kNone;
    Index position = kNone;
    Mode mode{};
    bool enabled = true;
    std::vector<Index> roles;
    std::vector<std::string> seats;
    std::vector<Index> teams;     // in order
    std::vector<Index> profiles;  // own, and the teams'
    std::vector<Index> reports;   // whose manager it is
  };
  struct Team {
    Id id;
    Index unit = kNone;
    bool owns = true;
    std::vector<Index> members;
    std::vector<Index> roles;
  };
  struct Position {
    Id id;
    Index parent = kNone;
    std::vector<Index> below;
    std::vector<Index> users;
  };
  struct Profile {
    std::vector<FieldRule> fields;
  };

  bool active() const { return active_; }
  Mutations mutations() const { return mutations_; }
  const Hierarchy& hierarchy() const { return hierarchy_; }
  const std::vector<Unit>& units() const { return units_; }
  const std::vector<Role>& roles() const { return roles_; }
  const std::vector<User>& users() const { return users_; }
  const std::vector<Team>& teams() const { return teams_; }
  const std::vector<Position>& positions() const { return positions_; }
  const std::vector<Profile>& profiles() const { return profiles_; }
  const std::vector<Type>& types() const { return types_; }
  // Fields under security: those that a profile names.
  const std::vector<FieldRule>& secured() const { return secured_; }

  // Of access teams.
  const std::vector<TemplateRow>& templates() const { return templates_; }

  // By position in types(); kNone where nobody described the type.
  Index FindType(TypeNumber number) const {
    return number < type_numbers_.size() ? type_numbers_[number] : kNone;
  }
  Index FindUser(const Id& id) const { return Find(user_ids_, id); }
  Index FindUser(std::string_view sign_in_name) const;
  Index FindTeam(const Id& id) const { return Find(team_ids_, id); }
  Index FindUnit(const Id& id) const { return Find(unit_ids_, id); }
  // The unit that a record of this owner belongs to; it follows the owner from unit to unit.
  Index UnitOf(const Party& owner) const;
  bool IsWithin(Index unit, Index above) const {
    return unit != kNone && above != kNone &&
           units_[static_cast<size_t>(unit)].enter >= units_[static_cast<size_t>(above)].enter &&
           units_[static_cast<size_t>(unit)].enter < units_[static_cast<size_t>(above)].leave;
  }

  // What the user may do; compiled at the first call. It lives as long as the organization.
  const Subject& SubjectOf(Index user) const;

 private:
  using Ids = std::unordered_map<Id, Index, IdHash>;
  static Index Find(const Ids& ids, const Id& id) {
    auto found = ids.find(id);
    return found == ids.end() ? kNone : found->second;
  }
  static std::vector<Index> FindAll(const Ids& ids, const std::vector<Id>& wanted);
  void CompileTypes(const Description& description);
  void CompileUnits(const std::vector<UnitRow>& rows);
  void CompileRoles(const std::vector<RoleRow>& rows);
  void CompileUsers(const std::vector<UserRow>& rows);
  void CompilePositions(const std::vector<PositionRow>& rows);
  void CompileTeams(const std::vector<TeamRow>& rows);
  void CompileProfiles(const std::vector<ProfileRow>& rows);

  bool active_ = true;
  Mutations mutations_;
  Hierarchy hierarchy_;
  std::vector<Type> types_;
  std::vector<Index> type_numbers_;
  std::vector<Unit> units_;
  std::vector<Role> roles_;
  std::vector<User> users_;
  std::vector<Team> teams_;
  std::vector<Position> positions_;
  std::vector<Profile> profiles_;
  std::vector<FieldRule> secured_;
  std::vector<TemplateRow> templates_;
  Ids unit_ids_, role_ids_, user_ids_, team_ids_, position_ids_;
  std::unordered_map<std::string, Index> sign_in_names_;

  mutable std::mutex mutex_;
  mutable std::vector<std::unique_ptr<const Subject>> subjects_;  // by user
};

}  // namespace crm::access
