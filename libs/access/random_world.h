#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "libs/access/decide.h"
#include "libs/access/reference.h"

// For tests: random organizations with records, and the same as this library takes them.
namespace crm::access {

class RandomWorld {
 public:
  explicit RandomWorld(uint64_t seed) : random_(seed) {}

  reference::World Make() {
    reference::World world;
    world.active = !OneIn(20);
    for (int i = 0; i < 5; ++i) {
      world.types.push_back({i == 3   ? reference::Owned::kByUnit
                             : i == 4 ? reference::Owned::kByOrganization
                                      : reference::Owned::kByUser,
                             i == 0     ? ""
                             : OneIn(2) ? "sales"
                                        : "service",
                             OneIn(3)});
    }
    const int units = Below(7) + 1;
    for (int i = 0; i < units; ++i) world.unit_parent.push_back(i == 0 ? -1 : Below(i));
    AddRoles(&world);
    const int positions = Below(6);
    for (int i = 0; i < positions; ++i)
      world.position_parent.push_back(i == 0 || OneIn(6) ? -1 : Below(i));
    AddPeople(&world);
    world.model = Below(3);
    world.reach = Below(4);
    if (OneIn(3)) world.excluded.push_back(Below(5));
    AddRecords(&world);
    return world;
  }

  int Below(int limit) {
    return limit <= 0 ? -1 : static_cast<int>(random_() % static_cast<uint64_t>(limit));
  }
  bool OneIn(int n) { return Below(n) == 0; }

 private:
  void AddRoles(reference::World* world) {
    const int roles = Below(4) + 2;
    for (int i = 0; i < roles; ++i) {
      reference::Role& role = world->roles.emplace_back();
      role.administrator = i == 0;
      role.depth.assign(5, std::vector<int>(reference::kRightCount, 0));
      for (auto& rights : role.depth) {
        for (int& depth : rights) depth = OneIn(2) ? Below(5) : Below(3);
      }
    }
  }

  std::vector<int> Some(int of, int most) {
    std::vector<int> some;
    for (int i = Below(most + 1); i > 0 && of > 0; --i) some.push_back(Below(of));
    return some;
  }

  void AddPeople(reference::World* world) {
    const int roles = static_cast<int>(world->roles.size());
    const int users = Below(9) + 3;
    for (int i = 0; i < users; ++i) {
      reference::User& user = world->users.emplace_back();
      user.unit = Below(static_cast<int>(world->unit_parent.size()));
      user.manager = i == 0 || OneIn(5) ? -1 : Below(i);
      user.position = OneIn(5) ? -1 : Below(static_cast<int>(world->position_parent.size()));
      user.mode = OneIn(4) ? Below(5) : 0;
      user.enabled = !OneIn(12);
      for (int role : Some(roles, 2)) {
        if (role != 0 || OneIn(4)) user.roles.push_back(role);
      }
      if (!OneIn(8)) user.seats.push_back("sales");
      if (OneIn(2)) user.seats.push_back("service");
    }
    const int teams = Below(5);
    for (int i = 0; i < teams; ++i) {
      reference::Team& team = world->teams.emplace_back();
      team.unit = Below(static_cast<int>(world->unit_parent.size()));
      team.owner_team = !OneIn(3);
      team.members = Some(users, 4);
      for (int role : Some(roles, 2)) {
        if (team.owner_team && (role != 0 || OneIn(6))) team.roles.push_back(role);
      }
    }
  }

  reference::Owner Somebody(const reference::World& world, bool owners) {
    if (OneIn(3) && !world.teams.empty()) {
      const int team = Below(static_cast<int>(world.teams.size()));
      if (!owners || world.teams[static_cast<size_t>(team)].owner_team) return {true, team};
    }
    return {false, Below(static_cast<int>(world.users.size()))};
  }

  void AddRecords(reference::World* world) {
    for (int i = 0; i < 12; ++i) {
      reference::Record record;
      record.type = Below(5);
      if (record.type < 3) record.owner = Somebody(*world, true);
      if (record.type == 3)
        record.owner = {false, Below(static_cast<int>(world->unit_parent.size()))};
      for (int share = record.type < 3 ? Below(3) : 0; share > 0; --share) {
        record.shares.push_back({Somebody(*world, false), static_cast<unsigned>(Below(256)),
                                 OneIn(2) ? static_cast<unsigned>(Below(256)) : 0u});
      }
      if (record.type < 3) record.parents = Some(i, 2);
      world->records.push_back(std::move(record));
    }
  }

  std::mt19937_64 random_;
};

// Ids are made of kind and number.
inline Id IdOf(char kind, int number) {
  Id id;
  id.bytes[0] = static_cast<uint8_t>(kind);
  id.bytes[14] = static_cast<uint8_t>(number >> 8);
  id.bytes[15] = static_cast<uint8_t>(number);
  return id;
}

inline std::vector<Id> IdsOf(char kind, const std::vector<int>& numbers) {
  std::vector<Id> ids;
  for (int number : numbers) ids.push_back(IdOf(kind, number));
  return ids;
}

inline std::optional<Id> OptionalId(char kind, int number) {
  return number < 0 ? std::nullopt : std::optional(IdOf(kind, number));
}

inline Description Describe(const reference::World& world) {
  using record::v1::Record;
  Description description;
  description.active = world.active;
  for (size_t i = 0; i < world.types.size(); ++i) {
    const reference::Type& type = world.types[i];
    description.types.push_back({static_cast<TypeNumber>(10 + i),
                                 type.owned == reference::Owned::kByUser   ? Record::USER
                                 : type.owned == reference::Owned::kByUnit ? Record::UNIT
                                                                           : Record::ORGANIZATION,
                                 type.module, type.administrative});
  }
  auto number = [](size_t i) { return static_cast<int>(i); };
  for (size_t i = 0; i < world.unit_parent.size(); ++i)
    description.units.push_back({IdOf('n', number(i)), OptionalId('n', world.unit_parent[i])});
  for (size_t i = 0; i < world.roles.size(); ++i) {
    RoleRow& role = description.roles.emplace_back();
    role.id = IdOf('r', number(i));
    role.administrator = world.roles[i].administrator;
    for (size_t type = 0; type < world.types.size(); ++type) {
      for (size_t right = 0; right < kRights; ++right) {
        role.privileges.push_back({static_cast<TypeNumber>(10 + type), static_cast<Right>(right),
                                   static_cast<Depth>(world.roles[i].depth[type][right])});
      }
    }
  }
  for (size_t i = 0; i < world.users.size(); ++i) {
    const reference::User& user = world.users[i];
    description.users.push_back({IdOf('u', number(i)), "", IdOf('n', user.unit),
                                 OptionalId('u', user.manager), OptionalId('p', user.position),
                                 static_cast<Mode>(user.mode), user.enabled, IdsOf('r', user.roles),
                                 user.seats});
  }
  for (size_t i = 0; i < world.teams.size(); ++i) {
    const reference::Team& team = world.teams[i];
    description.teams.push_back({IdOf('t', number(i)), IdOf('n', team.unit), team.owner_team, false,
                                 IdsOf('u', team.members), IdsOf('r', team.roles)});
  }
  for (size_t i = 0; i < world.position_parent.size(); ++i)
    description.positions.push_back(
        {IdOf('p', number(i)), OptionalId('p', world.position_parent[i])});
  description.hierarchy.model = static_cast<Hierarchy::Model>(world.model);
  description.hierarchy.depth = world.reach;
  for (int type : world.excluded)
    description.hierarchy.excluded.push_back(static_cast<TypeNumber>(10 + type));
  return description;
}

inline Party PartyOf(const reference::World& world, const reference::Record& record) {
  switch (world.types[static_cast<size_t>(record.type)].owned) {
    case reference::Owned::kByUnit:
      return Party::Unit(IdOf('n', record.owner.number));
    case reference::Owned::kByOrganization:
      return {};
    case reference::Owned::kByUser:
      break;
  }
  return record.owner.team ? Party::Team(IdOf('t', record.owner.number))
                           : Party::User(IdOf('u', record.owner.number));
}

// The record's surroundings, from the plain tables.
class WorldSurroundings final : public Surroundings {
 public:
  WorldSurroundings(const reference::World& world, const reference::Record& record)
      : world_(world), record_(record) {}
  std::vector<Share> Shares() const override {
    std::vector<Share> shares;
    for (const reference::ShareRow& row : record_.shares) {
      shares.push_back({row.with.team ? Party::Team(IdOf('t', row.with.number))
                                      : Party::User(IdOf('u', row.with.number)),
                        RightSet::OfBits(static_cast<uint8_t>(row.mask)),
                        RightSet::OfBits(static_cast<uint8_t>(row.inherited))});
    }
    return shares;
  }
  std::vector<Party> OwnersAbove() const override {
    std::vector<Party> owners;
    Above(record_, 8, &owners);
    return owners;
  }

 private:
  void Above(const reference::Record& record, int steps, std::vector<Party>* owners) const {
    for (int parent : record.parents) {
      const reference::Record& above = world_.records[static_cast<size_t>(parent)];
      owners->push_back(PartyOf(world_, above));
      if (steps > 1) Above(above, steps - 1, owners);
    }
  }
  const reference::World& world_;
  const reference::Record& record_;
};

}  // namespace crm::access
