#include <algorithm>

#include "crm/identity/v1/access_team_template.pb.h"
#include "crm/identity/v1/field_security_profile.pb.h"
#include "crm/identity/v1/licence.pb.h"
#include "services/identity/identity_fixture.h"

// What an organization does not lose, whoever asks for it.
namespace crm::identity {
namespace {

TEST_F(IdentityTest, TheLastAdministratorKeepsASeatAndMayWrite) {
  Found();
  User admin = shard_.Get<User>(founded_.user());
  for (const char* module : {"marketing", "scheduling", "service"}) LeaveSeat(admin.name(), module);
  LeaveSeat(admin.name(), "sales", "LAST_ADMINISTRATOR");
  admin.set_access_mode(User::ACCESS_MODE_READ);
  EXPECT_EQ(record::ReasonOf(shard_.Update(admin, {"access_mode"}).status), "LAST_ADMINISTRATOR");
  EXPECT_TRUE(shard_.Get<User>(admin.name()).administrator());
}

TEST_F(IdentityTest, UsersAreNotDeleted) {
  Found();
  const std::string user = AddUser(1, founded_.business_unit());
  EXPECT_EQ(DeleteRefusal(user), "USER_STAYS");
  EXPECT_EQ(DeleteRefusal(founded_.user()), "USER_STAYS");
  Transit("Users/DisableUser", user);
  EXPECT_EQ(DeleteRefusal(user), "USER_STAYS");
  EXPECT_EQ(shard_.Get<User>(user).name(), user);
}

TEST_F(IdentityTest, KeepsAsManySeatsAsAreTaken) {
  Found();
  v1::Licence licence;
  licence.set_name(NameOf("licences", 1));
  licence.set_module("events");
  licence.set_seats(3);
  ASSERT_EQ(CreateRefusal(licence), "");
  const std::string one = AddUser(1, founded_.business_unit());
  const std::string two = AddUser(2, founded_.business_unit());
  TakeSeat(one, "", "events");
  TakeSeat(two, "", "events");
  licence.set_seats(1);
  EXPECT_EQ(record::ReasonOf(shard_.Update(licence, {"seats"}).status), "SEATS_TAKEN");
  EXPECT_EQ(DeleteRefusal(licence.name()), "SEATS_TAKEN");
  EXPECT_EQ(shard_.Get<v1::Licence>(licence.name()).seats(), 3);
  LeaveSeat(one, "events");
  EXPECT_EQ(record::ReasonOf(shard_.Update(licence, {"seats"}).status), "");
  Transit("Users/DisableUser", two);
  EXPECT_EQ(DeleteRefusal(licence.name()), "");
}

TEST_F(IdentityTest, NobodyLosesTheLastOfSeveralRoles) {
  Found();
  const std::string user = AddUser(1, founded_.business_unit());
  const std::string one = AddRole(1), two = AddRole(2);
  GiveRole(user, one);
  GiveRole(user, two);
  EXPECT_EQ(DeleteRefusal(one), "");
  EXPECT_EQ(DeleteRefusal(two), "ONLY_ROLE_OF_SOMEBODY");
}

// The team of the unit, which everybody in it is in.
TEST_F(IdentityTest, AUnitComesAndGoesWithItsTeamOfEverybody) {
  Found();
  const std::string unit = AddUnit(1, founded_.business_unit());
  const auto teams = TeamsOf(unit);
  ASSERT_EQ(teams.size(), 1u);
  EXPECT_TRUE(teams.front().everyone());
  EXPECT_EQ(teams.front().display_name(), "Unit");
  Team another;
  another.set_name(NameOf("teams", 1));
  another.set_display_name("Another");
  another.set_business_unit(unit);
  another.set_everyone(true);
  EXPECT_EQ(CreateRefusal(another), "TEAM_OF_EVERYONE");
  EXPECT_EQ(DeleteRefusal(teams.front().name()), "TEAM_OF_EVERYONE");
  EXPECT_EQ(DeleteRefusal(unit), "BUSINESS_UNIT_ENABLED");
  Transit("BusinessUnits/DisableBusinessUnit", unit);
  EXPECT_EQ(DeleteRefusal(unit), "");
  EXPECT_EQ(shard_.Find(teams.front().name()), "");
  ASSERT_EQ(shard_.Undelete(unit).status.code(), record::kOk);
  EXPECT_EQ(TeamsOf(unit).size(), 1u);
}

// A role of a unit counts in it and below, also when the units change.
TEST_F(IdentityTest, NobodyTakesARoleOfAUnitElsewhere) {
  Found();
  const std::string above = AddUnit(1, founded_.business_unit());
  const std::string unit = AddUnit(2, above);
  const std::string below = AddUnit(3, unit);
  const std::string user = AddUser(1, below);
  const std::string role = AddRole(1, "", above);
  GiveRole(user, AddRole(2, "", unit));
  GiveRole(user, role);
  v1::MoveBusinessUnitRequest move;
  move.set_name(unit);
  move.set_parent(founded_.business_unit());
  Call<v1::MoveBusinessUnitResponse>("BusinessUnits/MoveBusinessUnit", move, "ROLE_OF_OTHER_UNIT");
  v1::RemoveUserRolesRequest remove;
  remove.set_name(user);
  remove.add_roles(role);
  Call<v1::RemoveUserRolesResponse>("Users/RemoveUserRoles", remove);
  Call<v1::MoveBusinessUnitResponse>("BusinessUnits/MoveBusinessUnit", move);
  EXPECT_EQ(shard_.Get<User>(user).roles_size(), 1);
}

TEST_F(IdentityTest, NothingComesIntoADisabledUnit) {
  Found();
  const std::string unit = AddUnit(1, founded_.business_unit());
  const std::string other = AddUnit(2, founded_.business_unit());
  Transit("BusinessUnits/DisableBusinessUnit", unit);
  AddUnit(3, unit, "BUSINESS_UNIT_DISABLED");
  Team team;
  team.set_name(NameOf("teams", 1));
  team.set_display_name("Team");
  team.set_business_unit(unit);
  EXPECT_EQ(CreateRefusal(team), "BUSINESS_UNIT_DISABLED");
  v1::MoveBusinessUnitRequest move;
  move.set_name(other);
  move.set_parent(unit);
  Call<v1::MoveBusinessUnitResponse>("BusinessUnits/MoveBusinessUnit", move,
                                     "BUSINESS_UNIT_DISABLED");
}

TEST_F(IdentityTest, SecuresOnlyFieldsThatThereAre) {
  Found();
  v1::FieldSecurityProfile profile;
  profile.set_name(NameOf("field_security_profiles", 1));
  profile.set_display_name("Secrets");
  auto& field = *profile.add_fields();
  field.set_collection("nothings");
  field.set_field("description");
  EXPECT_EQ(CreateRefusal(profile), "UNKNOWN_COLLECTION");
  field.set_collection("leads");
  for (const char* name : {"no_such_field", "owner"}) {
    field.set_field(name);
    const record::Status status = shard_.Create(profile).status;
    EXPECT_EQ(record::ReasonOf(status), "FIELD_NOT_SECURABLE") << name;
    EXPECT_NE(status.message().find("fields[0].field"), std::string::npos) << status.message();
  }
  field.set_field("description");
  EXPECT_EQ(CreateRefusal(profile), "");
}

TEST_F(IdentityTest, AccessTeamsAreOfTypesThatThereAre) {
  Found();
  v1::AccessTeamTemplate record;
  record.set_name(NameOf("access_team_templates", 1));
  record.set_display_name("Readers");
  record.set_collection("nothings");
  record.add_rights(record::v1::READ);
  EXPECT_EQ(CreateRefusal(record), "UNKNOWN_COLLECTION");
  record.set_collection("leads");
  EXPECT_EQ(CreateRefusal(record), "");
}

}  // namespace
}  // namespace crm::identity
