#include <gmock/gmock.h>

#include "tests/access/organization.h"

// A team that owns records of another service may go: identity does not know of them.
namespace crm::test {
namespace {

using record::v1::ExplainAccessRequest;
using record::v1::ExplainAccessResponse;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class DeletedTeam : public testing::Test {
 protected:
  DeletedTeam()
      : member_(organization_.Signed("member", organization_.root(),
                                     {organization_.Role("below", {{"accounts", 3}})})),
        reader_(organization_.Signed("reader", organization_.root(),
                                     {organization_.Role("all", {{"accounts", 4}})})),
        team_(organization_.Team("Team", organization_.root(), {"member"},
                                 {organization_.Role("own", {{"accounts", 1}})})) {
    Account account = NewAccount("Velo");
    account.set_owner(team_);
    account_ = Made(organization_.administrator(), account);
    EXPECT_THAT(AccountTitles(member_), UnorderedElementsAre("Velo"));
  }

  Outcome Delete() const {
    record::v1::DeleteRequest request;
    request.set_name(team_);
    return organization_.administrator().Call<record::v1::DeleteResponse>(
        "/crm.identity.v1.Teams/DeleteTeam", request);
  }
  Outcome Undelete() const {
    record::v1::NameRequest request;
    request.set_name(team_);
    return organization_.administrator().Call<identity::v1::Team>(
        "/crm.identity.v1.Teams/UndeleteTeam", request);
  }
  bool Explained(const std::string& user) const {
    ExplainAccessRequest request;
    request.set_name(account_.name());
    request.set_user(organization_.User(user).name());
    request.set_right(record::v1::READ);
    const auto explained = organization_.administrator().Call<ExplainAccessResponse>(
        "/crm.record.v1.Access/ExplainAccess", request);
    EXPECT_TRUE(explained.ok()) << explained;
    EXPECT_FALSE(explained.body.steps().empty());
    return explained.body.allowed();
  }

  Organization organization_{"deleted-team"};
  const Client member_;
  const Client reader_;
  const std::string team_;
  Account account_;
};

// G a team owns an account W it is deleted T who may read all reads it, changes it and finds it by
// its owner; nobody else does; undeleting the team brings all back as it was; else it is assigned
TEST_F(DeletedTeam, LeavesItsRecordsToWhoMayReadAll) {
  EXPECT_TRUE(Explained("member"));
  const Outcome deleted = Delete();
  ASSERT_TRUE(deleted.ok()) << deleted;
  EXPECT_EQ(Get<Account>(member_, account_.name()).code, 5);
  EXPECT_THAT(AccountTitles(member_), IsEmpty());
  EXPECT_FALSE(Explained("member"));
  EXPECT_TRUE(Explained("reader"));
  EXPECT_EQ(Get<Account>(reader_, account_.name()).body.owner(), team_);
  record::v1::ListRequest of_team;
  of_team.set_filter("owner = \"" + team_ + "\"");
  EXPECT_EQ(List<Account>(reader_, of_team).body.accounts_size(), 1);
  account_.set_display_name("Velo SRL");
  const auto updated = Update(reader_, account_, {"display_name"});
  EXPECT_TRUE(updated.ok()) << updated;

  const Outcome back = Undelete();
  ASSERT_TRUE(back.ok()) << back;
  EXPECT_THAT(AccountTitles(member_), UnorderedElementsAre("Velo SRL"));
  EXPECT_TRUE(Explained("member"));
  ASSERT_TRUE(Delete().ok());
  const Outcome assigned = organization_.Assign(reader_, account_.name(), "member");
  ASSERT_TRUE(assigned.ok()) << assigned;
  EXPECT_THAT(AccountTitles(member_), UnorderedElementsAre("Velo SRL"));
}

}  // namespace
}  // namespace crm::test
