#include <gmock/gmock.h>

#include "tests/server/filled.h"
#include "tests/server/sales_records.h"

// Two accounts that are one.
namespace crm::test {
namespace {

using sales::v1::MergeAccountsRequest;
using sales::v1::MergeAccountsResponse;
using sales::v1::UnmergeAccountRequest;
using sales::v1::UnmergeAccountResponse;
using testing::ElementsAre;

Answer<MergeAccountsResponse> Merge(const Client& client, const Account& master,
                                    const Account& subordinate) {
  MergeAccountsRequest request;
  request.set_name(master.name());
  request.set_subordinate(subordinate.name());
  return client.Call<MergeAccountsResponse>("/crm.sales.v1.Accounts/MergeAccounts", request);
}

Answer<UnmergeAccountResponse> Unmerge(const Client& client, const std::string& name) {
  UnmergeAccountRequest request;
  request.set_name(name);
  return client.Call<UnmergeAccountResponse>("/crm.sales.v1.Accounts/UnmergeAccount", request);
}

// Two accounts for the same company; the second has all that hangs on it.
struct Twins {
  explicit Twins(const Client& client) {
    Account first = NewAccount("Velo");
    first.set_email("office@velo.example");
    master = Made(client, first);
    Account second = NewAccount("Velo SRL");
    second.set_website("https://velo.example");
    second.set_email("sales@velo.example");
    subordinate = Made(client, second);
    contact = NewContact("Ana", "Ionescu");
    contact.set_parent_customer(subordinate.name());
    contact = Made(client, contact);
    opportunity = Made(client, NewOpportunity("Bicycles", subordinate.name()));
    note = Made(client, NewNote(subordinate.name(), "Called"));
    Account below = NewAccount("Velo Parts");
    below.set_parent_account(subordinate.name());
    child = Made(client, below);
  }
  Account master, subordinate, child;
  Contact contact;
  Opportunity opportunity;
  Note note;
};

// | 49 | SA | Merge accounts | G two accounts W merge T children moved, subordinate inactive with
// master |
TEST(Acceptance, R049_MergeAccounts) {
  const Client client(Server::Shared(), "r049");
  const Twins twins(client);
  const auto merged = Merge(client, twins.master, twins.subordinate);
  ASSERT_TRUE(merged.ok()) << merged;
  EXPECT_THAT(merged.body.filled_fields(), ElementsAre("website"));
  EXPECT_EQ(merged.body.moved().at("contacts"), 1);
  EXPECT_EQ(merged.body.moved().at("opportunities"), 1);
  EXPECT_EQ(merged.body.moved().at("notes"), 1);
  EXPECT_EQ(merged.body.moved().at("accounts"), 1);
  const Account master = Get<Account>(client, twins.master.name()).body;
  EXPECT_EQ(master.website(), "https://velo.example");
  EXPECT_EQ(master.email(), "office@velo.example");
  EXPECT_EQ(master.display_name(), "Velo");
  const Account subordinate = Get<Account>(client, twins.subordinate.name()).body;
  EXPECT_TRUE(subordinate.merged());
  EXPECT_EQ(subordinate.master(), master.name());
  EXPECT_EQ(subordinate.state(), Account::STATE_INACTIVE);
  EXPECT_EQ(Get<Contact>(client, twins.contact.name()).body.parent_customer(), master.name());
  const Opportunity opportunity = Get<Opportunity>(client, twins.opportunity.name()).body;
  EXPECT_EQ(opportunity.customer(), master.name());
  EXPECT_EQ(opportunity.parent_account(), master.name());
  EXPECT_EQ(Get<Note>(client, twins.note.name()).body.regarding(), master.name());
  EXPECT_EQ(Get<Account>(client, twins.child.name()).body.parent_account(), master.name());
  // Neither twice, nor with itself.
  const auto before = Verify(client);
  EXPECT_EQ(Merge(client, twins.master, twins.subordinate).reason, "RECORD_INACTIVE");
  EXPECT_EQ(Merge(client, twins.master, twins.master).reason, "SAME_RECORD");
  EXPECT_EQ(Verify(client), before);
}

// Merging an account with the one above it leaves no circle.
TEST(Merge, TakesThePlaceOfWhatWasAboveIt) {
  const Client client(Server::Shared(), "merge-circle");
  const Account top = Made(client, NewAccount("Top"));
  Account above = NewAccount("Above");
  above.set_parent_account(top.name());
  above = Made(client, above);
  Account below = NewAccount("Below");
  below.set_parent_account(above.name());
  below = Made(client, below);
  const auto merged = Merge(client, below, above);
  ASSERT_TRUE(merged.ok()) << merged;
  EXPECT_EQ(Get<Account>(client, below.name()).body.parent_account(), top.name());
}

// | 50 | ES | Unmerge | G 49 W Unmerge T both as before; children edited since keep edits |
TEST(Acceptance, R050_Unmerge) {
  const Client client(Server::Shared(), "r050");
  const Twins twins(client);
  ASSERT_TRUE(Merge(client, twins.master, twins.subordinate).ok());
  Contact edited;
  edited.set_name(twins.contact.name());
  edited.set_job_title("Buyer");
  ASSERT_TRUE(Update(client, edited, {"job_title"}).ok());
  const Account elsewhere = Made(client, NewAccount("Elsewhere"));
  Account moved;
  moved.set_name(twins.child.name());
  moved.set_parent_account(elsewhere.name());
  ASSERT_TRUE(Update(client, moved, {"parent_account"}).ok());

  const auto unmerged = Unmerge(client, twins.subordinate.name());
  ASSERT_TRUE(unmerged.ok()) << unmerged;
  EXPECT_EQ(unmerged.body.master(), twins.master.name());
  EXPECT_THAT(unmerged.body.conflicts(), ElementsAre(twins.child.name() + " parent_account"));
  EXPECT_TRUE(Equal(WithoutVersion(Get<Account>(client, twins.master.name()).body),
                    WithoutVersion(twins.master)));
  EXPECT_TRUE(
      Equal(WithoutVersion(Get<Account>(client, twins.subordinate.name()).body),
            WithoutVersion(
                Get<Account>(client, twins.subordinate.name(), &twins.child.create_time()).body)));
  const Contact contact = Get<Contact>(client, twins.contact.name()).body;
  EXPECT_EQ(contact.parent_customer(), twins.subordinate.name());
  EXPECT_EQ(contact.job_title(), "Buyer");
  EXPECT_EQ(Get<Opportunity>(client, twins.opportunity.name()).body.customer(),
            twins.subordinate.name());
  EXPECT_EQ(Get<Note>(client, twins.note.name()).body.regarding(), twins.subordinate.name());
  EXPECT_EQ(Get<Account>(client, twins.child.name()).body.parent_account(), elsewhere.name());
  EXPECT_EQ(Unmerge(client, twins.subordinate.name()).reason, "ACCOUNT_NOT_MERGED");
}

}  // namespace
}  // namespace crm::test
