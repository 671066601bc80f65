#include "services/identity/identity.h"

#include <gtest/gtest.h>

#include "crm/identity/v1/business_unit.pb.h"
#include "crm/identity/v1/security_role.pb.h"
#include "crm/identity/v1/team.pb.h"
#include "crm/identity/v1/tenant.pb.h"
#include "crm/identity/v1/user.pb.h"
#include "libs/shard/calm_shard.h"
#include "services/identity/default_roles.h"

// Given these records, when this command, then this answer or this refusal.
namespace crm::identity {
namespace {

using v1::BusinessUnit;
using v1::SecurityRole;
using v1::Team;
using v1::User;

const record::Catalogue& TheCatalogue() {
  static const auto catalogue = record::BuiltInCatalogue();
  return **catalogue;
}

std::string NameOf(const std::string& collection, int number) {
  std::string digits = std::to_string(number);
  return collection + "/01920000-0000-7000-8000-" + std::string(12 - digits.size(), '0') + digits;
}

class IdentityTest : public testing::Test {
 protected:
  IdentityTest() : shard_(TheCatalogue(), 7) {
    RegisterIdentity(shard_.behaviours);
    shard_.Start("identity");
  }

  template <class Response>
  Response Call(const std::string& path, const google::protobuf::Message& request,
                const std::string& refusal = "") {
    const shard::Outcome outcome = shard_.Call("/crm.identity.v1." + path, request);
    EXPECT_EQ(record::ReasonOf(outcome.status), refusal) << outcome.status.message();
    Response response;
    response.ParseFromString(outcome.response);
    return response;
  }
  void Found(int seats = 0) {
    v1::FoundTenantRequest request;
    request.set_display_name("Velo");
    request.set_sign_in_name("Admin");
    request.set_last_name("Admin");
    request.set_seats(seats);
    founded_ = Call<v1::FoundTenantResponse>("Tenants/FoundTenant", request);
  }
  std::string AddUser(int number, const std::string& unit) {
    User user;
    user.set_name(NameOf("users", number));
    user.set_sign_in_name("user" + std::to_string(number));
    user.set_last_name("User");
    user.set_business_unit(unit);
    EXPECT_EQ(shard_.Create(user).status.code(), record::kOk);
    return user.name();
  }
  std::string AddUnit(int number, const std::string& parent, const std::string& refusal = "") {
    BusinessUnit unit;
    unit.set_name(NameOf("business_units", number));
    unit.set_display_name("Unit");
    unit.set_parent(parent);
    const shard::Outcome outcome = shard_.Create(unit);
    EXPECT_EQ(record::ReasonOf(outcome.status), refusal) << outcome.status.message();
    return unit.name();
  }
  std::string AddRole(int number, const std::string& refusal = "", const std::string& unit = "") {
    SecurityRole role;
    role.set_name(NameOf("security_roles", number));
    role.set_business_unit(unit);
    role.set_display_name("Reader");
    auto& privilege = *role.add_privileges();
    privilege.set_collection(refusal == "UNKNOWN_COLLECTION" ? "nothings" : "positions");
    privilege.set_read(refusal == "DEPTH_NOT_ALLOWED" ? SecurityRole::DEPTH_UNIT
                                                      : SecurityRole::DEPTH_ORGANIZATION);
    const shard::Outcome outcome = shard_.Create(role);
    EXPECT_EQ(record::ReasonOf(outcome.status), refusal) << outcome.status.message();
    return role.name();
  }
  void GiveRole(const std::string& user, const std::string& role, const std::string& refusal = "") {
    v1::AssignUserRolesRequest request;
    request.set_name(user);
    request.add_roles(role);
    Call<v1::AssignUserRolesResponse>("Users/AssignUserRoles", request, refusal);
  }
  void TakeSeat(const std::string& user, const std::string& refusal = "") {
    v1::AssignSeatRequest request;
    request.set_name(user);
    request.set_module("sales");
    Call<v1::AssignSeatResponse>("Users/AssignSeat", request, refusal);
  }
  void Transit(const std::string& path, const std::string& name, const std::string& refusal = "") {
    record::v1::TransitionRequest request;
    request.set_name(name);
    Call<record::v1::TransitionResponse>(path, request, refusal);
  }

  shard::CalmShard shard_;
  v1::FoundTenantResponse founded_;
};

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
       {"system_administrator", "system_customizer", "salesperson", "sales_manager",
        "customer_service_representative", "marketing_professional", "scheduler"}) {
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
  EXPECT_EQ(record::ReasonOf(shard_.Delete(admin.name()).status), "LAST_ADMINISTRATOR");
  GiveRole(AddUser(1, founded_.business_unit()), admin.roles(0));
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
