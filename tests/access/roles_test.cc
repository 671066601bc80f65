#include <gmock/gmock.h>

#include "google/rpc/error_details.pb.h"
#include "tests/access/organization.h"

// Who may do what by roles, units, teams and seats.
namespace crm::test {
namespace {

using testing::Contains;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

// 138: G user without role W any call T PERMISSION_DENIED no role
TEST(Acceptance, R138_AUserWithoutRoleMayDoNothing) {
  Organization organization("row138");
  const Client client = organization.Signed("nobody", organization.root(), {});
  const Account account = Made(organization.administrator(), NewAccount("Velo"));
  for (const Outcome& outcome :
       {Outcome(List<Account>(client, {})), Outcome(Create(client, NewAccount("Mine"))),
        Outcome(Get<Account>(client, account.name())),
        Outcome(Delete<Account>(client, account.name())),
        organization.Share(client, account.name(), "nobody", {record::v1::READ})}) {
    EXPECT_EQ(outcome.code, 7) << outcome;
    EXPECT_EQ(outcome.reason, "NO_ROLE") << outcome;
  }
  auto watch = client.Open("/crm.sales.v1.Accounts/WatchAccounts", record::v1::WatchRequest());
  sales::v1::AccountChange change;
  EXPECT_FALSE(watch->Next(&change));
  EXPECT_EQ(watch->Finish().reason, "NO_ROLE");
}

// 139: G read level BU W list accounts T own BU's only; Deep T subtree; Org T all; User T own
TEST(Acceptance, R139_DepthsReachAsFarAsTheirUnits) {
  Organization organization("row139");
  const std::string above = organization.Unit("Above", organization.root());
  const std::string below = organization.Unit("Below", above);
  const std::string all = organization.Role("all", {{"accounts", 4}});
  const Client ana = organization.Signed("ana", above, {all});
  const Client dan = organization.Signed("dan", below, {all});
  Made(ana, NewAccount("Ana's"));
  Made(dan, NewAccount("Dan's"));
  Made(organization.administrator(), NewAccount("The root's"));
  const auto sees = [&](int depth) {
    const std::string name = "depth" + std::to_string(depth);
    const std::string role = organization.Role(name, {{"accounts", depth}});
    const Client client = organization.Signed(name, above, {role});
    Made(client, NewAccount(name));
    return AccountTitles(client);
  };
  EXPECT_THAT(sees(1), UnorderedElementsAre("depth1"));
  EXPECT_THAT(sees(2), UnorderedElementsAre("depth1", "depth2", "Ana's"));
  EXPECT_THAT(sees(3), UnorderedElementsAre("depth1", "depth2", "depth3", "Ana's", "Dan's"));
  EXPECT_THAT(sees(4), UnorderedElementsAre("depth1", "depth2", "depth3", "depth4", "Ana's",
                                            "Dan's", "The root's"));
}

// 140: G no AppendTo on account W set contact.parent T denied
TEST(Acceptance, R140_AttachingNeedsAppendAndAppendTo) {
  Organization organization("row140");
  const std::string no_append_to =
      organization.RoleOf("no append to", {{"accounts", "44444044"}, {"contacts", "44444444"}});
  const std::string no_append =
      organization.RoleOf("no append", {{"accounts", "44444444"}, {"contacts", "44440444"}});
  const Client ana = organization.Signed("ana", organization.root(), {no_append_to});
  const Client dan = organization.Signed("dan", organization.root(), {no_append});
  const Account account = Made(ana, NewAccount("Velo"));
  Contact contact = Made(dan, NewContact("Ion", "Pop"));
  contact.set_parent_customer(account.name());
  const auto refused = Update(ana, contact, {"parent_customer"});
  EXPECT_EQ(refused.code, 7) << refused;
  EXPECT_EQ(refused.facts.at("right"), "AppendTo");
  const auto other = Update(dan, contact, {"parent_customer"});
  EXPECT_EQ(other.code, 7) << other;
  EXPECT_EQ(other.facts.at("right"), "Append");
  EXPECT_TRUE(Update(organization.administrator(), contact, {"parent_customer"}).ok());
}

// 141: G team-owned record W member with team role T can read; non-member not
TEST(Acceptance, R141_MembersReadWhatTheirTeamOwns) {
  Organization organization("row141");
  const std::string role = organization.Role("own", {{"accounts", 1}});
  const std::string none = organization.Role("none", {{"leads", 1}});
  const Client ana = organization.Signed("ana", organization.root(), {none});
  const Client dan = organization.Signed("dan", organization.root(), {role});
  const std::string team = organization.Team("Team", organization.root(), {"ana"}, {role});
  Account account = NewAccount("Velo");
  account.set_owner(team);
  account = Made(organization.administrator(), account);
  EXPECT_TRUE(Get<Account>(ana, account.name()).ok());
  EXPECT_EQ(Get<Account>(dan, account.name()).code, 5);
  EXPECT_THAT(AccountTitles(ana), UnorderedElementsAre("Velo"));
  EXPECT_THAT(AccountTitles(dan), IsEmpty());
}

// 146: G depth 2 W manager reads report's report T read only; direct report T write
TEST(Acceptance, R146_ManagersReachWhatTheirReportsOwn) {
  Organization organization("row146");
  organization.SetHierarchy(identity::v1::Tenant::HIERARCHY_MODEL_MANAGER, 2);
  const std::string own = organization.Role("own", {{"accounts", 1}});
  const Client top = organization.Signed("top", organization.root(), {own});
  const Client middle = organization.Signed("middle", organization.root(), {own});
  const Client low = organization.Signed("low", organization.root(), {own});
  Account middles = Made(middle, NewAccount("Middle's"));
  Account lows = Made(low, NewAccount("Low's"));
  EXPECT_EQ(Get<Account>(top, lows.name()).code, 5);
  organization.SetManager("middle", "top");
  organization.SetManager("low", "middle");
  lows.set_display_name("Changed");
  middles.set_display_name("Changed");
  EXPECT_TRUE(Get<Account>(top, lows.name()).ok());
  EXPECT_EQ(Update(top, lows, {"display_name"}).code, 7);
  EXPECT_TRUE(Update(top, middles, {"display_name"}).ok());
  EXPECT_THAT(AccountTitles(top), UnorderedElementsAre("Changed", "Low's"));
  EXPECT_EQ(Get<Account>(low, middles.name()).code, 5);
}

// 147: G other BU position below W read T allowed
TEST(Acceptance, R147_PositionsReachAcrossUnits) {
  Organization organization("row147");
  organization.SetHierarchy(identity::v1::Tenant::HIERARCHY_MODEL_POSITION, 2);
  const std::string own = organization.Role("own", {{"accounts", 1}});
  const std::string one = organization.Unit("One", organization.root());
  const std::string other = organization.Unit("Other", organization.root());
  const Client above = organization.Signed("above", one, {own});
  const Client below = organization.Signed("below", other, {own});
  const Account account = Made(below, NewAccount("Below's"));
  EXPECT_EQ(Get<Account>(above, account.name()).code, 5);
  const std::string head = organization.Position("Head", "");
  organization.SetPosition("above", head);
  organization.SetPosition("below", organization.Position("Clerk", head));
  EXPECT_TRUE(Get<Account>(above, account.name()).ok());
  EXPECT_THAT(AccountTitles(above), UnorderedElementsAre("Below's"));
}

// 148: G secured field W outsider reads T masked; writes T FIELD_SECURED
TEST(Acceptance, R148_SecuredFieldsAreMaskedAndNotWritten) {
  Organization organization("row148");
  const std::string role = organization.Role("all", {{"accounts", 4}});
  const Client ana = organization.Signed("ana", organization.root(), {role});
  organization.Secure("accounts", "description");
  Account account = NewAccount("Velo");
  account.set_description("secret");
  const auto refused = Create(ana, account);
  EXPECT_EQ(refused.code, 7) << refused;
  EXPECT_EQ(refused.reason, "FIELD_SECURED") << refused;
  account = Made(organization.administrator(), account);
  const auto seen = Get<Account>(ana, account.name());
  ASSERT_TRUE(seen.ok()) << seen;
  EXPECT_EQ(seen.body.description(), "");
  EXPECT_THAT(seen.body.secured_fields(), UnorderedElementsAre("description"));
  Account changed = account;
  changed.set_description("mine");
  EXPECT_EQ(Update(ana, changed, {"description"}).reason, "FIELD_SECURED");
  record::v1::ListRequest filtered;
  filtered.set_filter("description = \"secret\"");
  EXPECT_NE(List<Account>(ana, filtered).code, 0);
  record::v1::HistoryRequest history;
  history.set_name(account.name());
  const auto changes =
      ana.Call<record::v1::HistoryResponse>(OneOf<Account>("List") + "History", history);
  ASSERT_TRUE(changes.ok()) << changes;
  EXPECT_EQ(changes.body.SerializeAsString().find("secret"), std::string::npos);
  EXPECT_EQ(Get<Account>(organization.administrator(), account.name()).body.description(),
            "secret");
}

// 149: G user W ChangeUserBU T roles empty, records' BU updated
TEST(Acceptance, R149_MovedUsersLoseTheirRolesAndTakeTheirRecordsAlong) {
  Organization organization("row149");
  const std::string other = organization.Unit("Other", organization.root());
  const std::string one = organization.Unit("One", organization.root());
  const std::string role = organization.Role("all", {{"accounts", 4}});
  const std::string of_unit = organization.Role("unit", {{"accounts", 2}});
  const Client ana = organization.Signed("ana", one, {role});
  const Client here = organization.Signed("here", one, {of_unit});
  const Client there = organization.Signed("there", other, {of_unit});
  Made(ana, NewAccount("Ana's"));
  EXPECT_THAT(AccountTitles(here), UnorderedElementsAre("Ana's"));
  EXPECT_THAT(AccountTitles(there), IsEmpty());
  ASSERT_TRUE(organization.Move("ana", other).ok());
  EXPECT_THAT(organization.User("ana").roles(), IsEmpty());
  EXPECT_EQ(List<Account>(ana, {}).reason, "NO_ROLE");
  EXPECT_THAT(AccountTitles(here), IsEmpty());
  EXPECT_THAT(AccountTitles(there), UnorderedElementsAre("Ana's"));
}

// 150: G disabled W call T UNAUTHENTICATED; records stay, seat freed
TEST(Acceptance, R150_DisabledUsersAreOutAndTheirRecordsStay) {
  Organization organization("row150");
  const std::string role = organization.Role("all", {{"accounts", 4}});
  const Client ana = organization.Signed("ana", organization.root(), {role});
  const Account account = Made(ana, NewAccount("Ana's"));
  EXPECT_THAT(organization.User("ana").modules(), UnorderedElementsAre("sales"));
  ASSERT_TRUE(organization.Disable("ana").ok());
  EXPECT_EQ(List<Account>(ana, {}).code, 16);
  EXPECT_EQ(Get<Account>(organization.administrator(), account.name()).body.owner(),
            organization.User("ana").name());
  EXPECT_THAT(organization.User("ana").modules(), IsEmpty());
}

// 151: G one admin W remove role T FAILED_PRECONDITION
TEST(Acceptance, R151_TheLastAdministratorStays) {
  Organization organization("row151");
  const identity::v1::User admin = organization.User("admin");
  ASSERT_EQ(admin.roles_size(), 1);
  const Outcome removed = organization.RemoveRole("admin", admin.roles(0));
  EXPECT_EQ(removed.code, 9) << removed;
  EXPECT_EQ(removed.reason, "LAST_ADMINISTRATOR");
  EXPECT_EQ(organization.Disable("admin").reason, "LAST_ADMINISTRATOR");
  using PreviewOf = record::v1::PreviewDeleteResponse;
  record::v1::PreviewDeleteRequest preview;
  preview.set_name(admin.roles(0));
  const auto shown = organization.administrator().Call<PreviewOf>(
      "/crm.identity.v1.SecurityRoles/PreviewDeleteSecurityRole", preview);
  EXPECT_EQ(shown.body.refusal().code(), 9) << shown;
  google::rpc::ErrorInfo why;
  ASSERT_TRUE(shown.body.refusal().details(0).UnpackTo(&why));
  EXPECT_EQ(why.reason(), "ADMINISTRATOR_ROLE_FIXED");
  organization.Signed("second", organization.root(), {admin.roles(0)});
  EXPECT_TRUE(organization.RemoveRole("admin", admin.roles(0)).ok());
}

// 154: G revoke acked at offset p W command with min offset p T denied
TEST(Acceptance, R154_ARevokedRoleCountsNoMore) {
  Organization organization("row154");
  const std::string role = organization.Role("all", {{"accounts", 4}});
  const std::string other = organization.Role("other", {{"leads", 4}});
  const Client ana = organization.Signed("ana", organization.root(), {role, other});
  EXPECT_TRUE(Create(ana, NewAccount("First")).ok());
  auto watch = ana.Open("/crm.sales.v1.Accounts/WatchAccounts", record::v1::WatchRequest());
  const Outcome revoked = organization.RemoveRole("ana", role);
  ASSERT_TRUE(revoked.ok()) << revoked;
  const auto refused =
      Create(ana.With({{"crm-min-position", revoked.position()}}), NewAccount("Second"));
  EXPECT_EQ(refused.code, 7) << refused;
  EXPECT_EQ(refused.facts.at("right"), "Create");
  sales::v1::AccountChange change;
  while (watch->Next(&change)) {
  }
  EXPECT_THAT(watch->Finish().reason, testing::AnyOf("RIGHTS_CHANGED", "MISSING_RIGHT"));
}

// 155: G new tenant W list roles T salesperson, sales manager, CSR, admin, customizer exist
TEST(Acceptance, R155_ANewOrganizationHasTheRolesThatEverybodyKnows) {
  Organization organization("row155");
  EXPECT_THAT(organization.RoleTitles(),
              testing::IsSupersetOf({"Salesperson", "Sales Manager", "System Administrator",
                                     "Customer Service Representative", "System Customizer"}));
}

// Whoever has no seat of the module does nothing there.
TEST(Access, AUserWithoutSeatMayDoNothing) {
  Organization organization("seats");
  const std::string role = organization.Role("all", {{"accounts", 4}});
  const Client ana = organization.Signed("ana", organization.root(), {role});
  ASSERT_TRUE(List<Account>(ana, {}).ok());
  ASSERT_TRUE(organization.ReleaseSeat("ana").ok());
  EXPECT_EQ(List<Account>(ana, {}).reason, "NO_SEAT");
  EXPECT_EQ(Create(ana, NewAccount("Velo")).reason, "NO_SEAT");
}

}  // namespace
}  // namespace crm::test
