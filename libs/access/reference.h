#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

// The decision once more, for tests: written from the rules' text alone, walking plain tables, with
// nothing of this library. Principals are numbers from 0; a negative reference is none.
namespace reference {

enum Right { kCreate, kRead, kWrite, kDelete, kAppend, kAppendTo, kAssign, kShare, kRightCount };
enum Depth { kNone, kBasic, kLocal, kDeep, kGlobal };
enum class Owned { kByUser, kByUnit, kByOrganization };

struct Type {
  Owned owned = Owned::kByUser;
  std::string module;
  bool administrative = false;
};
struct Role {
  bool administrator = false;
  std::vector<std::vector<int>> depth;  // by type, by right
};
struct User {
  int unit = -1, manager = -1, position = -1;
  int mode = 0;  // 0 all, 1 administrative, 2 reading, 3 and 4 like 0
  bool enabled = true;
  std::vector<int> roles;
  std::vector<std::string> seats;
};
struct Team {
  int unit = -1;
  bool owner_team = true;
  std::vector<int> members, roles;
};
struct Owner {
  bool team = false;
  int number = -1;  // of a type that units own: the unit
};
struct ShareRow {
  Owner with;
  unsigned mask = 0, inherited = 0;  // bits by Right
};
struct Record {
  int type = 0;
  Owner owner;
  std::vector<ShareRow> shares;
  std::vector<int> parents;  // by relations that reparent; numbers of records
};
struct World {
  bool active = true;
  std::vector<Type> types;
  std::vector<int> unit_parent;
  std::vector<Role> roles;
  std::vector<User> users;
  std::vector<Team> teams;
  std::vector<int> position_parent;
  int model = 0;  // 0 off, 1 managers, 2 positions
  int reach = 0;
  std::vector<int> excluded;
  std::vector<Record> records;
};

inline bool Holds(const std::vector<int>& list, int wanted) {
  return std::find(list.begin(), list.end(), wanted) != list.end();
}

class Reference {
 public:
  explicit Reference(const World& world) : world_(world) {}

  bool Allowed(int user, Right right, const Record& record) const {
    return MayAct(user, right, record.type) &&
           (IsAdministrator(user) ||
            (MaxDepth(user, record.type, right) != kNone &&
             (OwnerAllows(user, right, record) || ShareAllows(user, right, record) ||
              HierarchyAllows(user, right, record))));
  }

 private:
  struct Granted {
    int depth, anchor, team;
  };

  bool IsMember(int user, const Team& team) const { return Holds(team.members, user); }

  // Step 0.
  bool MayAct(int number, Right right, int type) const {
    const User& user = world_.users[static_cast<size_t>(number)];
    const Type& about = world_.types[static_cast<size_t>(type)];
    if (!world_.active || !user.enabled || user.seats.empty()) return false;
    if (!about.module.empty() &&
        std::count(user.seats.begin(), user.seats.end(), about.module) == 0)
      return false;
    bool has_role = !user.roles.empty();
    for (const Team& team : world_.teams)
      has_role = has_role || (team.owner_team && IsMember(number, team) && !team.roles.empty());
    if (!has_role) return false;
    if (user.mode == 2 && right != kRead) return false;
    return user.mode != 1 || about.administrative;
  }

  // Step 1.
  bool IsAdministrator(int user) const {
    auto any = [&](const std::vector<int>& roles) {
      return std::any_of(roles.begin(), roles.end(), [&](int role) {
        return world_.roles[static_cast<size_t>(role)].administrator;
      });
    };
    if (any(world_.users[static_cast<size_t>(user)].roles)) return true;
    for (const Team& team : world_.teams) {
      if (team.owner_team && IsMember(user, team) && any(team.roles)) return true;
    }
    return false;
  }

  // Step 2.
  std::vector<Granted> Grants(int number, int type, Right right) const {
    std::vector<Granted> grants;
    auto add = [&](const std::vector<int>& roles, int anchor, int team) {
      for (int role : roles) {
        const int depth = world_.roles[static_cast<size_t>(role)]
                              .depth[static_cast<size_t>(type)][static_cast<size_t>(right)];
        grants.push_back({depth, anchor, team});
      }
    };
    const User& user = world_.users[static_cast<size_t>(number)];
    add(user.roles, user.unit, -1);
    for (size_t i = 0; i < world_.teams.size(); ++i) {
      const Team& team = world_.teams[i];
      if (team.owner_team && IsMember(number, team))
        add(team.roles, team.unit, static_cast<int>(i));
    }
    return grants;
  }

  // Step 3.
  int MaxDepth(int user, int type, Right right) const {
    int most = kNone;
    for (const Granted& grant : Grants(user, type, right)) most = std::max(most, grant.depth);
    return most;
  }

  int OwningUnit(const Record& record) const {
    if (world_.types[static_cast<size_t>(record.type)].owned == Owned::kByUnit)
      return record.owner.number;
    if (record.owner.number < 0) return -1;
    const auto at = static_cast<size_t>(record.owner.number);
    return record.owner.team ? world_.teams[at].unit : world_.users[at].unit;
  }

  bool Below(int unit, int above) const {
    for (; unit >= 0; unit = world_.unit_parent[static_cast<size_t>(unit)]) {
      if (unit == above) return true;
    }
    return false;
  }

  // Step 4.
  bool OwnerAllows(int user, Right right, const Record& record) const {
    const Owned owned = world_.types[static_cast<size_t>(record.type)].owned;
    for (const Granted& grant : Grants(user, record.type, right)) {
      if (grant.depth == kGlobal) return true;
      if (owned == Owned::kByOrganization) continue;
      const int unit = OwningUnit(record);
      if (grant.depth == kDeep && unit >= 0 && Below(unit, grant.anchor)) return true;
      if (grant.depth == kLocal && unit >= 0 && unit == grant.anchor) return true;
      if (grant.depth != kBasic || owned != Owned::kByUser) continue;
      if (grant.team < 0 && !record.owner.team && record.owner.number == user) return true;
      if (grant.team >= 0 && record.owner.team && record.owner.number == grant.team) return true;
    }
    return false;
  }

  bool Reaches(int user, const Owner& who) const {
    if (who.number < 0) return false;
    return who.team ? IsMember(user, world_.teams[static_cast<size_t>(who.number)])
                    : who.number == user;
  }

  // Step 5: rows, and what the owner of a record above inherits.
  bool ShareAllows(int user, Right right, const Record& record) const {
    for (const ShareRow& row : record.shares) {
      if (((row.mask | row.inherited) >> right & 1u) != 0 && Reaches(user, row.with)) return true;
    }
    return right == kRead && OwnsAbove(user, record, 8);
  }

  bool OwnsAbove(int user, const Record& record, int steps) const {
    if (steps == 0) return false;
    for (int parent : record.parents) {
      const Record& above = world_.records[static_cast<size_t>(parent)];
      const bool by_user = world_.types[static_cast<size_t>(above.type)].owned == Owned::kByUser;
      if ((by_user && Reaches(user, above.owner)) || OwnsAbove(user, above, steps - 1)) return true;
    }
    return false;
  }

  // Step 6: how far below the user somebody stands; 0: not at all.
  int Distance(int user, int report) const {
    if (user == report) return 0;
    const User& above = world_.users[static_cast<size_t>(user)];
    const User& below = world_.users[static_cast<size_t>(report)];
    if (world_.model == 1) {
      const bool near =
          below.unit >= 0 &&
          (below.unit == above.unit ||
           (above.unit >= 0 && world_.unit_parent[static_cast<size_t>(below.unit)] == above.unit));
      if (!near) return 0;
      return Steps(report, user,
                   [&](int at) { return world_.users[static_cast<size_t>(at)].manager; });
    }
    if (above.position < 0 || below.position < 0 || above.position == below.position) return 0;
    return Steps(below.position, above.position,
                 [&](int at) { return world_.position_parent[static_cast<size_t>(at)]; });
  }

  template <class Up>
  int Steps(int from, int to, Up up) const {
    int steps = 0;
    for (int at = up(from); at >= 0 && steps < world_.reach; at = up(at)) {
      ++steps;
      if (at == to) return steps;
    }
    return 0;
  }

  bool HierarchyAllows(int user, Right right, const Record& record) const {
    if (world_.model == 0 || Holds(world_.excluded, record.type) ||
        MaxDepth(user, record.type, kRead) == kNone) {
      return false;
    }
    const bool by_user = world_.types[static_cast<size_t>(record.type)].owned == Owned::kByUser;
    for (size_t i = 0; i < world_.users.size(); ++i) {
      const int report = static_cast<int>(i);
      const int distance = Distance(user, report);
      const bool direct = distance == 1 && (right == kRead || right == kWrite || right == kAppend ||
                                            right == kAppendTo);
      if (!direct && !(distance > 1 && right == kRead)) continue;
      if (by_user && Reaches(report, record.owner)) return true;
      for (const ShareRow& row : record.shares) {
        if ((row.mask >> right & 1u) != 0 && Reaches(report, row.with)) return true;
      }
    }
    return false;
  }

  const World& world_;
};

}  // namespace reference
