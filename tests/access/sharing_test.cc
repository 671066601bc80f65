#include <gmock/gmock.h>

#include "tests/access/organization.h"
#include "tests/server/filled.h"

// Who may do what by shares, owners above, and in another organization; and why.
namespace crm::test {
namespace {

using record::v1::ExplainAccessRequest;
using record::v1::ExplainAccessResponse;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

// 142: G template read+write W add user T that record only
TEST(Acceptance, R142_AccessTeamsOpenOneRecord) {
  Organization organization("row142");
  const std::string own = organization.Role("own", {{"accounts", 1}});
  const Client ana = organization.Signed("ana", organization.root(), {own});
  const Client dan = organization.Signed("dan", organization.root(), {own});
  Account account = Made(ana, NewAccount("Velo"));
  const Account other = Made(ana, NewAccount("Other"));
  const std::string readers =
      organization.AccessTeamTemplate("Editors", "accounts", {record::v1::READ, record::v1::WRITE});
  const Outcome added = organization.AddToAccessTeam(ana, account.name(), "dan", readers);
  ASSERT_TRUE(added.ok()) << added;
  account.set_display_name("By Dan");
  EXPECT_TRUE(Update(dan, account, {"display_name"}).ok());
  EXPECT_EQ(Delete<Account>(dan, account.name()).code, 7);
  EXPECT_EQ(Get<Account>(dan, other.name()).code, 5);
  EXPECT_THAT(AccountTitles(dan), ElementsAre("By Dan"));

  // The team is apart from what is shared besides.
  ASSERT_TRUE(organization.Share(ana, account.name(), "dan", {record::v1::READ}).ok());
  ASSERT_TRUE(organization.RemoveFromAccessTeam(ana, account.name(), "dan", readers).ok());
  EXPECT_TRUE(Get<Account>(dan, account.name()).ok());
  EXPECT_EQ(Update(dan, account, {"display_name"}).code, 7);
  ASSERT_TRUE(organization.Unshare(ana, account.name(), "dan").ok());
  EXPECT_EQ(Get<Account>(dan, account.name()).code, 5);
  const std::string of_contacts =
      organization.AccessTeamTemplate("Readers", "contacts", {record::v1::READ});
  EXPECT_EQ(organization.AddToAccessTeam(ana, account.name(), "dan", of_contacts).code, 3);
}

// 143: G account shared W revoke T contacts' inherited share gone, direct share kept
TEST(Acceptance, R143_SharesGoAlongAndAreTakenBack) {
  Organization organization("row143");
  const std::string own = organization.Role("own", {{"accounts", 1}, {"contacts", 1}});
  const Client ana = organization.Signed("ana", organization.root(), {own});
  const Client dan = organization.Signed("dan", organization.root(), {own});
  const Account account = Made(ana, NewAccount("Velo"));
  Contact inherited = NewContact("Ion", "Pop");
  inherited.set_parent_customer(account.name());
  inherited = Made(ana, inherited);
  Contact direct = NewContact("Eva", "Dan");
  direct.set_parent_customer(account.name());
  direct = Made(ana, direct);
  EXPECT_EQ(Get<Account>(dan, account.name()).code, 5);
  ASSERT_TRUE(organization.Share(ana, account.name(), "dan", {record::v1::READ}).ok());
  ASSERT_TRUE(organization.Share(ana, direct.name(), "dan", {record::v1::READ}).ok());
  EXPECT_TRUE(Get<Account>(dan, account.name()).ok());
  EXPECT_THAT(AccountTitles(dan), ElementsAre("Velo"));
  EXPECT_TRUE(Get<Contact>(dan, inherited.name()).ok());
  EXPECT_TRUE(Get<Contact>(dan, direct.name()).ok());
  ASSERT_TRUE(organization.Unshare(ana, account.name(), "dan").ok());
  EXPECT_EQ(Get<Account>(dan, account.name()).code, 5);
  EXPECT_EQ(Get<Contact>(dan, inherited.name()).code, 5);
  EXPECT_TRUE(Get<Contact>(dan, direct.name()).ok());
}

// Ana has records, which Dan may only read by what is shared with him.
class Sharing : public testing::Test {
 protected:
  Sharing()
      : organization_(
            "sharing-" +
            std::to_string(testing::UnitTest::GetInstance()->current_test_info()->line())),
        own_(organization_.Role("own", {{"accounts", 1}, {"contacts", 1}, {"phone_calls", 1}})),
        ana_(organization_.Signed("ana", organization_.root(), {own_})),
        dan_(organization_.Signed("dan", organization_.root(), {own_})),
        account_(Made(ana_, NewAccount("Velo"))) {}

  // A contact of the account with a call.
  void Attach() {
    contact_ = NewContact("Ion", "Pop");
    contact_.set_parent_customer(account_.name());
    contact_ = Made(ana_, contact_);
    call_.set_subject("Call");
    call_.set_regarding(contact_.name());
    call_ = Made(ana_, call_);
  }

  Organization organization_;
  const std::string own_;
  const Client ana_;
  const Client dan_;
  const Account account_;
  Contact contact_;
  PhoneCall call_;
};

TEST_F(Sharing, WhatIsAttachedLaterIsOpenForAsLongAsItIsAttached) {
  const Account other = Made(ana_, NewAccount("Other"));
  ASSERT_TRUE(organization_.Share(ana_, account_.name(), "dan", {record::v1::READ}).ok());
  Attach();
  EXPECT_TRUE(Get<Contact>(dan_, contact_.name()).ok());
  EXPECT_TRUE(Get<PhoneCall>(dan_, call_.name()).ok());
  EXPECT_EQ(List<Contact>(dan_, {}).body.contacts_size(), 1);
  EXPECT_EQ(List<PhoneCall>(dan_, {}).body.phone_calls_size(), 1);
  EXPECT_EQ(Update(dan_, call_, {"subject"}).code, 7);

  contact_.set_parent_customer(other.name());
  ASSERT_TRUE(Update(ana_, contact_, {"parent_customer"}).ok());
  EXPECT_EQ(Get<Contact>(dan_, contact_.name()).code, 5);
  EXPECT_EQ(Get<PhoneCall>(dan_, call_.name()).code, 5);
  EXPECT_EQ(List<PhoneCall>(dan_, {}).body.phone_calls_size(), 0);
}

TEST_F(Sharing, OneOfTwoSharesAboveIsTakenBackAlone) {
  Attach();
  ASSERT_TRUE(organization_.Share(ana_, account_.name(), "dan", {record::v1::READ}).ok());
  ASSERT_TRUE(
      organization_.Share(ana_, contact_.name(), "dan", {record::v1::READ, record::v1::WRITE})
          .ok());
  EXPECT_TRUE(Update(dan_, call_, {"subject"}).ok());
  ASSERT_TRUE(organization_.Unshare(ana_, contact_.name(), "dan").ok());
  EXPECT_EQ(Update(dan_, call_, {"subject"}).code, 7);
  EXPECT_TRUE(Get<PhoneCall>(dan_, call_.name()).ok());
  ASSERT_TRUE(organization_.Unshare(ana_, account_.name(), "dan").ok());
  EXPECT_EQ(Get<PhoneCall>(dan_, call_.name()).code, 5);
}

// 144: G type privilege None W shared T still denied
TEST(Acceptance, R144_AShareDoesNotStandForARight) {
  Organization organization("row144");
  const std::string own = organization.Role("own", {{"accounts", 1}});
  const std::string none = organization.Role("none", {{"leads", 1}});
  const Client ana = organization.Signed("ana", organization.root(), {own});
  const Client dan = organization.Signed("dan", organization.root(), {own});
  const Client eva = organization.Signed("eva", organization.root(), {none});
  const Account account = Made(ana, NewAccount("Velo"));
  ASSERT_TRUE(organization.Share(ana, account.name(), "eva", {record::v1::READ}).ok());
  EXPECT_EQ(Get<Account>(eva, account.name()).code, 5);
  // Nobody shares what it may not share, or a right that it lacks.
  ASSERT_TRUE(organization.Share(ana, account.name(), "dan", {record::v1::READ}).ok());
  EXPECT_EQ(organization.Share(dan, account.name(), "eva", {record::v1::READ}).code, 7);
  ASSERT_TRUE(
      organization.Share(ana, account.name(), "dan", {record::v1::READ, record::v1::SHARE}).ok());
  EXPECT_TRUE(organization.Share(dan, account.name(), "eva", {record::v1::READ}).ok());
  EXPECT_EQ(organization.Share(dan, account.name(), "eva", {record::v1::WRITE}).code, 7);
}

// 145: G account with contact W assign T contact moves per rule
TEST(Acceptance, R145_AssigningTakesAlongWhatTheRulesSay) {
  Organization organization("row145");
  const std::string all =
      organization.Role("all", {{"accounts", 4}, {"contacts", 4}, {"opportunities", 4}});
  const Client ana = organization.Signed("ana", organization.root(), {all});
  organization.Signed("dan", organization.root(), {all});
  organization.Signed("eva", organization.root(), {organization.Role("none", {{"leads", 1}})});
  const Account account = Made(ana, NewAccount("Velo"));
  Contact contact = NewContact("Ion", "Pop");
  contact.set_parent_customer(account.name());
  contact = Made(ana, contact);
  const Contact apart = Made(ana, NewContact("Eva", "Dan"));
  const Outcome refused = organization.Assign(ana, account.name(), "eva");
  EXPECT_EQ(refused.code, 9) << refused;
  ASSERT_TRUE(organization.Assign(ana, account.name(), "dan").ok());
  const std::string dan = organization.User("dan").name();
  EXPECT_EQ(Get<Account>(ana, account.name()).body.owner(), dan);
  EXPECT_EQ(Get<Contact>(ana, contact.name()).body.owner(), dan);
  EXPECT_EQ(Get<Contact>(ana, apart.name()).body.owner(), organization.User("ana").name());
}

// 152: G no read W Get T NOT_FOUND
TEST(Acceptance, R152_UnreadableRecordsDoNotExist) {
  Organization organization("row152");
  const std::string role = organization.Role("own", {{"accounts", 1}, {"contacts", 1}});
  const Client ana = organization.Signed("ana", organization.root(), {role});
  const Account account = Made(organization.administrator(), NewAccount("Velo"));
  EXPECT_EQ(Get<Account>(ana, account.name()).code, 5);
  EXPECT_EQ(Delete<Account>(ana, account.name()).code, 5);
  record::v1::HistoryRequest history;
  history.set_name(account.name());
  EXPECT_EQ(ana.Call<record::v1::HistoryResponse>(OneOf<Account>("List") + "History", history).code,
            5);
  Account changed = account;
  changed.set_display_name("Mine");
  EXPECT_EQ(Update(ana, changed, {"display_name"}).code, 5);
  // Attaching tells no more than of a record that never was.
  Contact contact = NewContact("Ion", "Pop");
  contact.set_parent_customer(account.name());
  const auto attached = Create(ana, contact);
  contact.set_parent_customer("accounts/" + IdOf(1));
  const auto missing = Create(ana, contact);
  EXPECT_EQ(attached.code, missing.code) << attached;
  EXPECT_EQ(attached.faults, missing.faults) << attached;
}

// 153: G user, record W Explain T names role/share/hierarchy step
TEST(Acceptance, R153_ExplainsItself) {
  Organization organization("row153");
  organization.SetHierarchy(identity::v1::Tenant::HIERARCHY_MODEL_MANAGER, 2);
  const std::string all = organization.Role("all", {{"accounts", 4}});
  const std::string own = organization.Role("own", {{"accounts", 1}});
  const Client ana = organization.Signed("ana", organization.root(), {all});
  const Client dan = organization.Signed("dan", organization.root(), {own});
  organization.Signed("eva", organization.root(), {own});
  organization.SetManager("dan", "eva");
  const Account account = Made(organization.administrator(), NewAccount("Velo"));
  const Account dans = Made(dan, NewAccount("Dan's"));
  const auto why = [&](const std::string& user, const std::string& record) {
    ExplainAccessRequest request;
    request.set_name(record);
    request.set_user(organization.User(user).name());
    request.set_right(record::v1::READ);
    const auto answer = organization.administrator().Call<ExplainAccessResponse>(
        "/crm.record.v1.Access/ExplainAccess", request);
    EXPECT_TRUE(answer.ok()) << answer;
    return answer.body;
  };
  const auto last = [](const ExplainAccessResponse& body) {
    return body.steps_size() == 0 ? record::v1::AccessStep() : body.steps(body.steps_size() - 1);
  };
  const auto by_role = why("ana", account.name());
  EXPECT_TRUE(by_role.allowed());
  EXPECT_EQ(last(by_role).rule(), "owner");
  EXPECT_THAT(last(by_role).roles(), ElementsAre(all));

  EXPECT_FALSE(why("dan", account.name()).allowed());
  EXPECT_EQ(last(why("dan", account.name())).rule(), "nothing");

  ASSERT_TRUE(
      organization.Share(ana, account.name(), "dan", {record::v1::READ}).ok() ||
      organization.Share(organization.administrator(), account.name(), "dan", {record::v1::READ})
          .ok());
  const auto by_share = why("dan", account.name());
  EXPECT_TRUE(by_share.allowed());
  EXPECT_EQ(last(by_share).rule(), "share");

  const auto by_hierarchy = why("eva", dans.name());
  EXPECT_TRUE(by_hierarchy.allowed());
  EXPECT_EQ(last(by_hierarchy).rule(), "hierarchy");
  EXPECT_EQ(last(by_hierarchy).through(), organization.User("dan").name());
}

// 156: G tenants A,B W A reads B's id T NOT_FOUND; no shared keys
TEST(Acceptance, R156_OrganizationsAreApart) {
  Organization one("row156a");
  Organization other("row156b");
  const Account account = Made(one.administrator(), NewAccount("Velo"));
  EXPECT_EQ(Get<Account>(other.administrator(), account.name()).code, 5);
  EXPECT_THAT(AccountTitles(other.administrator()), IsEmpty());
  // The same id is another record there.
  Account same = NewAccount("Rad");
  sales::v1::CreateAccountRequest request;
  *request.mutable_account() = same;
  request.set_account_id(account.name().substr(account.name().find('/') + 1));
  const auto created =
      other.administrator().Call<Account>("/crm.sales.v1.Accounts/CreateAccount", request);
  ASSERT_TRUE(created.ok()) << created;
  EXPECT_EQ(created.body.name(), account.name());
  EXPECT_EQ(Get<Account>(one.administrator(), account.name()).body.display_name(), "Velo");
}

// 213: G account owned by Ana, its opportunity owned by Dan W Ana (Basic depth) reads it T allowed
// read only; W customer moved to another account T Ana loses it
TEST(Acceptance, R213_OwnersReadWhatHangsOnTheirRecords) {
  Organization organization("row213");
  const std::string role = organization.Role("own", {{"accounts", 1}, {"opportunities", 1}});
  const Client ana = organization.Signed("ana", organization.root(), {role});
  const Client dan = organization.Signed("dan", organization.root(), {role});
  const Account account = Made(ana, NewAccount("Velo"));
  const Account dans = Made(dan, NewAccount("Rad"));
  ASSERT_TRUE(
      organization.Share(ana, account.name(), "dan", {record::v1::READ, record::v1::APPEND_TO})
          .ok());
  Opportunity opportunity = Made(dan, NewOpportunity("40 bicycles", account.name()));
  EXPECT_TRUE(Get<Opportunity>(ana, opportunity.name()).ok());
  EXPECT_EQ(List<Opportunity>(ana, {}).body.opportunities_size(), 1);
  Opportunity changed = opportunity;
  changed.set_display_name("Mine");
  const auto refused = Update(ana, changed, {"display_name"});
  EXPECT_EQ(refused.code, 7) << refused;
  opportunity.set_customer(dans.name());
  ASSERT_TRUE(Update(dan, opportunity, {"customer"}).ok());
  EXPECT_EQ(Get<Opportunity>(ana, opportunity.name()).code, 5);
  EXPECT_EQ(List<Opportunity>(ana, {}).body.opportunities_size(), 0);
}

}  // namespace
}  // namespace crm::test
