#include <gmock/gmock.h>

#include <cctype>

#include "crm/sales/v1/opportunity.pb.h"
#include "tests/access/organization.h"

// Nobody gives others, or itself, what it does not have.
namespace crm::test {
namespace {

using identity::v1::User;
using sales::v1::Opportunity;
using testing::ElementsAre;

const std::vector<std::pair<std::string, std::string>> kOverPeople = {
    {"users", "44444444"},          {"teams", "44444444"},
    {"business_units", "44444444"}, {"security_roles", "04000400"},
    {"positions", "04000400"},      {"field_security_profiles", "44400000"}};

// Somebody who looks after users and teams, and has no right on what they work on.
class Granting : public testing::Test {
 protected:
  explicit Granting(const std::vector<std::string>& privileges = {"REPARENT_USER"})
      : organization_(TenantOfTest()),
        clerk_(
            organization_.Signed("clerk", organization_.root(),
                                 {organization_.RoleOf("over people", kOverPeople, privileges)})),
        accounts_(organization_.Role("accounts", {{"accounts", 4}})) {}

  // One for each test.
  static std::string TenantOfTest() {
    std::string tenant = testing::UnitTest::GetInstance()->current_test_info()->name();
    for (char& letter : tenant) letter = static_cast<char>(std::tolower(letter));
    return tenant;
  }
  Outcome AddMember(const Client& by, const std::string& team, const std::string& user) const {
    identity::v1::AddTeamMembersRequest request;
    request.set_name(team);
    request.add_members(user);
    return by.Call<identity::v1::AddTeamMembersResponse>("/crm.identity.v1.Teams/AddTeamMembers",
                                                         request);
  }
  Outcome CreateUser(const Client& by, const std::string& unit) const {
    identity::v1::CreateUserRequest request;
    request.mutable_user()->set_sign_in_name("new");
    request.mutable_user()->set_last_name("New");
    request.mutable_user()->set_business_unit(unit);
    request.set_validate_only(true);
    return by.Call<User>("/crm.identity.v1.Users/CreateUser", request);
  }
  Outcome Move(const Client& by, const std::string& user, const std::string& unit) const {
    identity::v1::MoveUserRequest request;
    request.set_name(user);
    request.set_business_unit(unit);
    return by.Call<identity::v1::MoveUserResponse>("/crm.identity.v1.Users/MoveUser", request);
  }
  Outcome Place(const Client& by, const User& user, const std::string& field) const {
    identity::v1::UpdateUserRequest request;
    *request.mutable_user() = user;
    request.mutable_update_mask()->add_paths(field);
    return by.Call<User>("/crm.identity.v1.Users/UpdateUser", request);
  }
  std::string TeamOfEverybody(const std::string& unit) const {
    record::v1::ListRequest request;
    request.set_filter("business_unit = \"" + unit + "\"");
    const auto listed = organization_.administrator().Call<identity::v1::ListTeamsResponse>(
        "/crm.identity.v1.Teams/ListTeams", request);
    EXPECT_EQ(listed.body.teams_size(), 1) << listed;
    return listed.body.teams(0).name();
  }

  Organization organization_;
  Client clerk_;
  std::string accounts_;  // a role
};

// G a team whose role reads accounts W somebody without that right takes itself in T denied
TEST_F(Granting, NobodyTakesUsersIntoATeamThatMayDoMore) {
  const std::string clerk = organization_.User("clerk").name();
  const std::string team =
      organization_.Team("Sellers", organization_.root(), {"admin"}, {accounts_});
  Made(organization_.administrator(), NewAccount("Velo"));
  const Outcome refused = AddMember(clerk_, team, clerk);
  EXPECT_EQ(refused.code, 7) << refused;
  EXPECT_EQ(refused.reason, "DEPTH_EXCEEDS_OWN") << refused;
  EXPECT_NE(List<Account>(clerk_, {}).code, 0);
  EXPECT_TRUE(AddMember(organization_.administrator(), team, clerk).ok());
  EXPECT_THAT(AccountTitles(clerk_), ElementsAre("Velo"));
}

// G a unit whose team of everybody reads accounts W somebody without that right makes or moves
// users there T denied
TEST_F(Granting, NobodyBringsUsersIntoAUnitThatMayDoMore) {
  const std::string unit = organization_.Unit("Sellers", organization_.root());
  const std::string plain = organization_.Unit("Others", organization_.root());
  identity::v1::AssignTeamRolesRequest roles;
  roles.set_name(TeamOfEverybody(unit));
  roles.add_roles(accounts_);
  ASSERT_TRUE(organization_.administrator()
                  .Call<identity::v1::AssignTeamRolesResponse>(
                      "/crm.identity.v1.Teams/AssignTeamRoles", roles)
                  .ok());
  const std::string clerk = organization_.User("clerk").name();
  EXPECT_EQ(CreateUser(clerk_, unit).reason, "DEPTH_EXCEEDS_OWN");
  EXPECT_EQ(Move(clerk_, clerk, unit).reason, "DEPTH_EXCEEDS_OWN");
  EXPECT_TRUE(CreateUser(clerk_, plain).ok());
  EXPECT_TRUE(Move(organization_.administrator(), clerk, unit).ok());
  Made(organization_.administrator(), NewAccount("Velo"));
  EXPECT_THAT(AccountTitles(clerk_), ElementsAre("Velo"));
}

// G a user's records reach those above it W somebody without the privilege places it T denied
TEST_F(Granting, PlacingInTheHierarchyIsAPrivilege) {
  User clerk = organization_.User("clerk");
  clerk.set_manager(organization_.User("admin").name());
  clerk.set_position(organization_.Position("Clerk", ""));
  clerk.clear_etag();
  for (const auto& [field, privilege] :
       {std::pair("manager", "ASSIGN_MANAGER"), std::pair("position", "ASSIGN_POSITION")}) {
    const Outcome refused = Place(clerk_, clerk, field);
    EXPECT_EQ(refused.code, 7) << refused;
    EXPECT_EQ(refused.reason, "MISSING_PRIVILEGE") << refused;
    EXPECT_EQ(refused.facts.at("privilege"), privilege) << refused;
    EXPECT_TRUE(Place(organization_.administrator(), clerk, field).ok());
  }
}

// G no privilege W users are disabled, units moved or disabled T denied
TEST_F(Granting, DisablingAndMovingArePrivileges) {
  const std::string user = organization_.User("clerk").name();
  const std::string unit = organization_.Unit("Unit", organization_.root());
  record::v1::TransitionRequest transition;
  identity::v1::MoveBusinessUnitRequest move;
  move.set_name(unit);
  move.set_parent(organization_.root());
  for (const auto& [path, name, privilege] :
       {std::tuple("Users/DisableUser", user, "ENABLE_DISABLE_USER"),
        std::tuple("Users/EnableUser", user, "ENABLE_DISABLE_USER"),
        std::tuple("BusinessUnits/DisableBusinessUnit", unit, "ENABLE_DISABLE_UNIT"),
        std::tuple("BusinessUnits/EnableBusinessUnit", unit, "ENABLE_DISABLE_UNIT")}) {
    transition.set_name(name);
    const Outcome refused = clerk_.Call<record::v1::TransitionResponse>(
        std::string("/crm.identity.v1.") + path, transition);
    EXPECT_EQ(refused.reason, "MISSING_PRIVILEGE") << path << refused;
    EXPECT_EQ(refused.facts.at("privilege"), privilege) << path << refused;
  }
  EXPECT_EQ(clerk_
                .Call<identity::v1::MoveBusinessUnitResponse>(
                    "/crm.identity.v1.BusinessUnits/MoveBusinessUnit", move)
                .reason,
            "MISSING_PRIVILEGE");
}

// G a field that is closed to somebody W it opens it to itself T denied
TEST_F(Granting, NobodyOpensAFieldToItself) {
  organization_.Secure("accounts", "description");
  identity::v1::CreateFieldSecurityProfileRequest request;
  auto& profile = *request.mutable_field_security_profile();
  profile.set_display_name("Mine");
  profile.add_users(organization_.User("clerk").name());
  auto& field = *profile.add_fields();
  field.set_collection("accounts");
  field.set_field("description");
  field.set_read(true);
  const auto create = [&](const Client& by) -> Outcome {
    return by.Call<identity::v1::FieldSecurityProfile>(
        "/crm.identity.v1.FieldSecurityProfiles/CreateFieldSecurityProfile", request);
  };
  const Outcome refused = create(clerk_);
  EXPECT_EQ(refused.code, 7) << refused;
  EXPECT_EQ(refused.reason, "FIELD_EXCEEDS_OWN") << refused;
  EXPECT_TRUE(create(organization_.administrator()).ok());
}

// G no AppendTo on contacts W an opportunity's list of contacts gets one T denied
TEST_F(Granting, ListsOfRecordsAreAttachedToAsWell) {
  const Client seller = organization_.Signed(
      "seller", organization_.root(),
      {organization_.RoleOf("seller", {{"opportunities", "44444444"}, {"contacts", "44444044"}})});
  const Contact one = Made(organization_.administrator(), NewContact("Ion", "Pop"));
  const Contact two = Made(organization_.administrator(), NewContact("Ana", "Pop"));
  Opportunity opportunity;
  opportunity.set_display_name("Bicycles");
  opportunity.add_contacts(one.name());
  const auto refused = Create(seller, opportunity);
  EXPECT_EQ(refused.code, 7) << refused;
  EXPECT_EQ(refused.facts.at("right"), "AppendTo") << refused;
  EXPECT_EQ(refused.facts.at("on"), one.name()) << refused;
  opportunity = Made(organization_.administrator(), opportunity);
  opportunity.add_contacts(two.name());
  EXPECT_EQ(Update(seller, opportunity, {"contacts"}).facts["on"], two.name());
  // What was attached before may stay, and go.
  opportunity.clear_contacts();
  opportunity.add_contacts(one.name());
  EXPECT_TRUE(Update(seller, opportunity, {"contacts"}).ok());
  opportunity.clear_contacts();
  EXPECT_TRUE(Update(seller, opportunity, {"contacts"}).ok());
}

// G a suspended organization W its administrator looks for what to resume T it is there
TEST_F(Granting, ASuspendedOrganizationIsFoundByItsAdministrator) {
  const auto list = [](const Client& by) {
    return by.Call<identity::v1::ListTenantsResponse>("/crm.identity.v1.Tenants/ListTenants",
                                                      record::v1::ListRequest());
  };
  ASSERT_TRUE(organization_.Suspend().ok());
  const auto found = list(organization_.administrator());
  ASSERT_TRUE(found.ok()) << found;
  EXPECT_EQ(found.body.tenants(0).state(), identity::v1::Tenant::STATE_SUSPENDED);
  EXPECT_EQ(list(clerk_).reason, "TENANT_SUSPENDED");
  EXPECT_EQ(List<Account>(organization_.administrator(), {}).reason, "TENANT_SUSPENDED");
  record::v1::TransitionRequest request;
  request.set_name(found.body.tenants(0).name());
  EXPECT_TRUE(
      organization_.administrator()
          .Call<record::v1::TransitionResponse>("/crm.identity.v1.Tenants/ResumeTenant", request)
          .ok());
}

}  // namespace
}  // namespace crm::test
