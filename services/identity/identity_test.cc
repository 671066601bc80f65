#include <set>

#include "services/identity/default_roles.h"
#include "services/identity/identity_fixture.h"

// Given these records, when this command, then this answer or this refusal.
namespace crm::identity {
namespace {

TEST_F(IdentityTest, FoundsAnOrganizationOnce) {
  Found();
  const User user = shard_.Get<User>(founded_.user());
  EXPECT_EQ(user.sign_in_name(), "admin");
  EXPECT_TRUE(user.administrator());
  EXPECT_EQ(user.modules_size(), 4);
  EXPECT_TRUE(shard_.Get<BusinessUnit>(founded_.business_unit()).root());
  EXPECT_TRUE(shard_.Get<Team>(founded_.team()).everyone());
  v1::FoundTenantRequest again;
  again.set_display_name("Again");
  Call<v1::FoundTenantResponse>("Tenants/FoundTenant", again, "TENANT_FOUNDED");
}

TEST_F(IdentityTest, BeginsWithTheRolesThatEverybodyKnows) {
  std::set<std::string> seeds;
  for (const SecurityRole& role : DefaultRoles(TheCatalogue())) {
    EXPECT_TRUE(seeds.insert(role.seed()).second) << role.seed();
    for (const auto& privilege : role.privileges()) {
      EXPECT_NE(TheCatalogue().FindType(privilege.collection()), nullptr) << privilege.collection();
    }
  }
  for (const char* seed :
       {"system_administrator", "system_customizer", "ceo_business_manager", "sales_manager",
        "salesperson", "vice_president_of_sales", "marketing_manager", "marketing_professional",
        "vice_president_of_marketing", "csr_manager", "customer_service_representative",
        "schedule_manager", "scheduler", "delegate"}) {
    EXPECT_TRUE(seeds.contains(seed)) << seed;
  }
}

TEST_F(IdentityTest, KeepsTheTreeOfUnits) {
  Found();
  AddUnit(1, "", "ROOT_UNIT_EXISTS");
  const std::string one = AddUnit(2, founded_.business_unit());
  const std::string two = AddUnit(3, one);
  v1::MoveBusinessUnitRequest request;
  request.set_name(one);
  request.set_parent(two);
  Call<v1::MoveBusinessUnitResponse>("BusinessUnits/MoveBusinessUnit", request, "CYCLE");
  request.set_name(two);
  request.set_parent(founded_.business_unit());
  EXPECT_EQ(Call<v1::MoveBusinessUnitResponse>("BusinessUnits/MoveBusinessUnit", request)
                .previous_parent(),
            one);
  request.set_name(founded_.business_unit());
  request.set_parent(one);
  Call<v1::MoveBusinessUnitResponse>("BusinessUnits/MoveBusinessUnit", request, "ROOT_UNIT_STAYS");
  Transit("BusinessUnits/DisableBusinessUnit", founded_.business_unit(), "ROOT_UNIT_STAYS");
  EXPECT_EQ(record::ReasonOf(shard_.Delete(founded_.business_unit()).status), "RESTRICTED");
}

TEST_F(IdentityTest, ProtectsTheLastAdministrator) {
  Found();
  const User admin = shard_.Get<User>(founded_.user());
  Transit("Users/DisableUser", admin.name(), "LAST_ADMINISTRATOR");
  v1::RemoveUserRolesRequest request;
  request.set_name(admin.name());
  request.add_roles(admin.roles(0));
  Call<v1::RemoveUserRolesResponse>("Users/RemoveUserRoles", request, "LAST_ADMINISTRATOR");
  const std::string other = AddUser(1, founded_.business_unit());
  GiveRole(other, admin.roles(0));
  // Without a seat the other one could do nothing.
  Transit("Users/DisableUser", admin.name(), "LAST_ADMINISTRATOR");
  TakeSeat(other);
  Transit("Users/DisableUser", admin.name());
  EXPECT_FALSE(shard_.Get<User>(admin.name()).administrator());
}

TEST_F(IdentityTest, CountsSeats) {
  Found(2);  // the first user has one
  const std::string one = AddUser(1, founded_.business_unit());
  const std::string two = AddUser(2, founded_.business_unit());
  TakeSeat(one);
  TakeSeat(one);  // twice is once
  TakeSeat(two, "NO_SEAT_LEFT");
  Transit("Users/DisableUser", one);
  EXPECT_EQ(shard_.Get<User>(one).modules_size(), 0);
  TakeSeat(one, "USER_DISABLED");
  TakeSeat(two);
  v1::ReleaseSeatRequest request;
  request.set_name(two);
  request.set_module("sales");
  Call<v1::ReleaseSeatResponse>("Users/ReleaseSeat", request);
  EXPECT_EQ(shard_.Get<User>(two).modules_size(), 0);
}

TEST_F(IdentityTest, MovingTakesRoles) {
  Found();
  const std::string unit = AddUnit(1, founded_.business_unit());
  const std::string user = AddUser(1, founded_.business_unit());
  GiveRole(user, AddRole(1));
  EXPECT_EQ(shard_.Get<User>(user).roles_size(), 1);
  v1::MoveUserRequest request;
  request.set_name(user);
  request.set_business_unit(unit);
  EXPECT_EQ(Call<v1::MoveUserResponse>("Users/MoveUser", request).previous_business_unit(),
            founded_.business_unit());
  EXPECT_EQ(shard_.Get<User>(user).roles_size(), 0);
  Transit("BusinessUnits/DisableBusinessUnit", unit);
  const std::string other = AddUser(2, founded_.business_unit());
  request.set_name(other);
  Call<v1::MoveUserResponse>("Users/MoveUser", request, "BUSINESS_UNIT_DISABLED");
}

TEST_F(IdentityTest, ChecksRoles) {
  Found();
  AddRole(1, "UNKNOWN_COLLECTION");
  AddRole(2, "DEPTH_NOT_ALLOWED");
  const std::string role = AddRole(3);
  GiveRole(AddUser(1, founded_.business_unit()), role);
  EXPECT_EQ(record::ReasonOf(shard_.Delete(role).status), "ONLY_ROLE_OF_SOMEBODY");
  const std::string everything = shard_.Get<User>(founded_.user()).roles(0);
  EXPECT_EQ(record::ReasonOf(shard_.Delete(everything).status), "ADMINISTRATOR_ROLE_FIXED");
  v1::CopySecurityRoleRequest request;
  request.set_name(role);
  request.set_display_name("Copy");
  const auto copied = Call<v1::CopySecurityRoleResponse>("SecurityRoles/CopySecurityRole", request);
  EXPECT_EQ(shard_.Get<SecurityRole>(copied.name()).copied_from(), role);
}

TEST_F(IdentityTest, GivesAUnitsRoleInItAndBelow) {
  Found();
  const std::string unit = AddUnit(1, founded_.business_unit());
  const std::string role = AddRole(1, "", unit);
  GiveRole(AddUser(1, founded_.business_unit()), role, "ROLE_OF_OTHER_UNIT");
  GiveRole(AddUser(2, AddUnit(2, founded_.business_unit())), role, "ROLE_OF_OTHER_UNIT");
  GiveRole(AddUser(3, unit), role);
  const std::string below = AddUser(4, AddUnit(3, unit));
  GiveRole(below, role);
  EXPECT_EQ(shard_.Get<User>(below).roles(0), role);
}

TEST_F(IdentityTest, KeepsTeams) {
  Found();
  const std::string user = AddUser(1, founded_.business_unit());
  v1::AddTeamMembersRequest request;
  request.set_name(founded_.team());
  request.add_members(user);
  Call<v1::AddTeamMembersResponse>("Teams/AddTeamMembers", request, "TEAM_OF_EVERYONE");
  Team team;
  team.set_name(NameOf("teams", 1));
  team.set_display_name("Access");
  team.set_business_unit(founded_.business_unit());
  team.set_team_type(Team::TEAM_TYPE_ACCESS);
  ASSERT_EQ(shard_.Create(team).status.code(), record::kOk);
  request.set_name(team.name());
  Call<v1::AddTeamMembersResponse>("Teams/AddTeamMembers", request);
  EXPECT_EQ(shard_.Get<Team>(team.name()).members_size(), 1);
  v1::AssignTeamRolesRequest roles;
  roles.set_name(team.name());
  roles.add_roles(AddRole(1));
  Call<v1::AssignTeamRolesResponse>("Teams/AssignTeamRoles", roles, "ACCESS_TEAM_WITHOUT_ROLES");
}

}  // namespace
}  // namespace crm::identity
