#include <gmock/gmock.h>

#include "tests/access/organization.h"

// Who may do what with which record.
namespace crm::test {
namespace {

using record::v1::ExplainAccessRequest;
using record::v1::ExplainAccessResponse;
using testing::Contains;
using testing::ElementsAre;
using testing::UnorderedElementsAre;

std::vector<std::string> Accounts(const Client& client) {
  const auto listed = List<Account>(client, {});
  EXPECT_TRUE(listed.ok()) << listed;
  std::vector<std::string> names;
  for (const Account& account : listed.body.accounts()) names.push_back(account.display_name());
  return names;
}

// 138: a user needs a role.
TEST(Access, AUserWithoutRoleMayDoNothing) {
  Organization organization("row138");
  const Client client = organization.Signed("nobody", organization.root(), {});
  const auto listed = List<Account>(client, {});
  EXPECT_EQ(listed.code, 7) << listed;
  EXPECT_EQ(listed.reason, "NO_ROLE");
  EXPECT_EQ(Create(client, NewAccount("Velo")).reason, "NO_ROLE");
}

// 139: own records, those of the unit, those of the units below, all.
TEST(Access, DepthsReachAsFarAsTheirUnits) {
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
    return Accounts(client);
  };
  EXPECT_THAT(sees(1), UnorderedElementsAre("depth1"));
  EXPECT_THAT(sees(2), UnorderedElementsAre("depth1", "depth2", "Ana's"));
  EXPECT_THAT(sees(3), UnorderedElementsAre("depth1", "depth2", "depth3", "Ana's", "Dan's"));
  EXPECT_THAT(sees(4), Contains("The root's"));
}

// 140: nothing is attached to what one may not attach to.
TEST(Access, AttachingNeedsAppendAndAppendTo) {
  Organization organization("row140");
  const std::string role =
      organization.RoleOf("no append to", {{"accounts", "44444044"}, {"contacts", "44444444"}});
  const Client client = organization.Signed("ana", organization.root(), {role});
  const Account account = Made(client, NewAccount("Velo"));
  Contact contact = NewContact("Ion", "Pop");
  contact.set_parent_customer(account.name());
  const auto refused = Create(client, contact);
  EXPECT_EQ(refused.code, 7) << refused;
  EXPECT_EQ(refused.facts.at("right"), "AppendTo");
}

// 141: a team's records are its members', by its roles.
TEST(Access, MembersReadWhatTheirTeamOwns) {
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
}

// 143, 144: shares open what roles allow at all, go along, and are taken back.
TEST(Access, SharesOpenARecordAndWhatGoesAlongWithIt) {
  Organization organization("row143");
  const std::string role = organization.Role("own", {{"accounts", 1}, {"contacts", 1}});
  const Client ana = organization.Signed("ana", organization.root(), {role});
  const Client dan = organization.Signed("dan", organization.root(), {role});
  const Client eva =
      organization.Signed("eva", organization.root(), {organization.Role("none", {{"leads", 1}})});
  const Account account = Made(ana, NewAccount("Velo"));
  Contact contact = NewContact("Ion", "Pop");
  contact.set_parent_customer(account.name());
  contact = Made(ana, contact);
  EXPECT_EQ(Get<Account>(dan, account.name()).code, 5);
  ASSERT_TRUE(organization.Share(ana, account.name(), "dan", {record::v1::READ}).ok());
  ASSERT_TRUE(organization.Share(ana, account.name(), "eva", {record::v1::READ}).ok());
  EXPECT_TRUE(Get<Account>(dan, account.name()).ok());
  EXPECT_THAT(Accounts(dan), ElementsAre("Velo"));
  EXPECT_EQ(Get<Account>(eva, account.name()).code, 5) << "a share does not stand for a right";
  EXPECT_EQ(organization.Share(dan, account.name(), "eva", {record::v1::READ}).code, 7);
  ASSERT_TRUE(organization.Unshare(ana, account.name(), "dan").ok());
  EXPECT_EQ(Get<Account>(dan, account.name()).code, 5);
  EXPECT_EQ(Get<Contact>(dan, contact.name()).code, 5);
}

// 148: a secured field is hidden from who has no profile for it, in answers and filters.
TEST(Access, SecuredFieldsAreMaskedAndNotWritten) {
  Organization organization("row148");
  const std::string role = organization.Role("all", {{"accounts", 4}});
  const Client ana = organization.Signed("ana", organization.root(), {role});
  organization.Secure("accounts", "description");
  Account account = NewAccount("Velo");
  account.set_description("secret");
  const auto refused = Create(ana, account);
  EXPECT_EQ(refused.reason, "FIELD_SECURED") << refused;
  account = Made(organization.administrator(), account);
  const auto seen = Get<Account>(ana, account.name());
  ASSERT_TRUE(seen.ok()) << seen;
  EXPECT_EQ(seen.body.description(), "");
  EXPECT_THAT(seen.body.secured_fields(), ElementsAre("description"));
  EXPECT_EQ(Get<Account>(organization.administrator(), account.name()).body.description(),
            "secret");
}

// 149, 150: moving takes roles, disabling takes the sign-in.
TEST(Access, MovedUsersLoseTheirRolesAndDisabledOnesTheirSignIn) {
  Organization organization("row149");
  const std::string unit = organization.Unit("Other", organization.root());
  const std::string role = organization.Role("all", {{"accounts", 4}});
  const Client ana = organization.Signed("ana", organization.root(), {role});
  EXPECT_TRUE(List<Account>(ana, {}).ok());
  ASSERT_TRUE(organization.Move("ana", unit).ok());
  EXPECT_EQ(List<Account>(ana, {}).reason, "NO_ROLE");
  ASSERT_TRUE(organization.Disable("ana").ok());
  EXPECT_EQ(List<Account>(ana, {}).code, 16);
}

// 151: somebody must be able to do everything.
TEST(Access, TheLastAdministratorStays) {
  Organization organization("row151");
  const Outcome disabled = organization.Disable("admin");
  EXPECT_EQ(disabled.code, 9) << disabled;
  EXPECT_EQ(disabled.reason, "LAST_ADMINISTRATOR");
}

// 152: what one may not read does not exist.
TEST(Access, UnreadableRecordsDoNotExist) {
  Organization organization("row152");
  const std::string role = organization.Role("own", {{"accounts", 1}});
  const Client ana = organization.Signed("ana", organization.root(), {role});
  const Account account = Made(organization.administrator(), NewAccount("Velo"));
  EXPECT_EQ(Get<Account>(ana, account.name()).code, 5);
  EXPECT_EQ(Delete<Account>(ana, account.name()).code, 5);
  record::v1::HistoryRequest history;
  history.set_name(account.name());
  EXPECT_EQ(ana.Call<record::v1::HistoryResponse>(OneOf<Account>("List", "History"), history).code,
            5);
  Account changed = account;
  changed.set_display_name("Mine");
  EXPECT_EQ(Update(ana, changed, {"display_name"}).code, 5);
}

// 153: an answer to "why".
TEST(Access, ExplainsItself) {
  Organization organization("row153");
  const std::string role = organization.Role("all", {{"accounts", 4}});
  const Client ana = organization.Signed("ana", organization.root(), {role});
  const Account account = Made(organization.administrator(), NewAccount("Velo"));
  ExplainAccessRequest request;
  request.set_name(account.name());
  request.set_right(record::v1::READ);
  const auto why = ana.Call<ExplainAccessResponse>("/crm.record.v1.Access/ExplainAccess", request);
  ASSERT_TRUE(why.ok()) << why;
  EXPECT_TRUE(why.body.allowed());
  ASSERT_EQ(why.body.steps_size(), 1);
  EXPECT_EQ(why.body.steps(0).rule(), "owner");
  EXPECT_THAT(why.body.steps(0).roles(), ElementsAre(role));
}

// 154: what was taken is gone with the answer that says so.
TEST(Access, ARevokedRoleCountsNoMore) {
  Organization organization("row154");
  const std::string role = organization.Role("all", {{"accounts", 4}});
  const std::string other = organization.Role("other", {{"leads", 4}});
  const Client ana = organization.Signed("ana", organization.root(), {role, other});
  EXPECT_TRUE(Create(ana, NewAccount("First")).ok());
  auto watch = ana.Open("/crm.sales.v1.Accounts/WatchAccounts", record::v1::WatchRequest());
  ASSERT_TRUE(organization.RemoveRole("ana", role).ok());
  const auto refused = Create(ana, NewAccount("Second"));
  EXPECT_EQ(refused.code, 7) << refused;
  EXPECT_EQ(refused.facts.at("right"), "Create");
  sales::v1::AccountChange change;
  EXPECT_FALSE(watch->Next(&change));
  EXPECT_EQ(watch->Finish().code != 0, true);
}

// 155: the roles that everybody knows are there.
TEST(Access, ANewOrganizationHasTheRolesThatEverybodyKnows) {
  Organization organization("row155");
  EXPECT_THAT(organization.RoleTitles(),
              testing::IsSupersetOf({"Salesperson", "Sales Manager", "System Administrator",
                                     "Customer Service Representative", "System Customizer"}));
}

// 156: another organization's records do not exist.
TEST(Access, OrganizationsAreApart) {
  Organization one("row156a");
  Organization other("row156b");
  const Account account = Made(one.administrator(), NewAccount("Velo"));
  EXPECT_EQ(Get<Account>(other.administrator(), account.name()).code, 5);
  EXPECT_THAT(Accounts(other.administrator()), testing::IsEmpty());
}

// 213: who owns an account reads the opportunities on it.
TEST(Access, OwnersReadWhatHangsOnTheirRecords) {
  Organization organization("row213");
  const std::string role = organization.Role("own", {{"accounts", 1}, {"opportunities", 1}});
  const Client ana = organization.Signed("ana", organization.root(), {role});
  const Client dan = organization.Signed("dan", organization.root(), {role});
  const Account account = Made(ana, NewAccount("Velo"));
  ASSERT_TRUE(
      organization.Share(ana, account.name(), "dan", {record::v1::READ, record::v1::APPEND_TO})
          .ok());
  const Opportunity opportunity = Made(dan, NewOpportunity("40 bicycles", account.name()));
  EXPECT_TRUE(Get<Opportunity>(ana, opportunity.name()).ok());
  Opportunity changed = opportunity;
  changed.set_display_name("Mine");
  const auto refused = Update(ana, changed, {"display_name"});
  EXPECT_EQ(refused.code, 7) << refused;
}

}  // namespace
}  // namespace crm::test
