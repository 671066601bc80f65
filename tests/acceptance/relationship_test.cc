#include <gmock/gmock.h>

#include "tests/server/filled.h"
#include "tests/server/sales_records.h"

// What records have to do with each other.
namespace crm::test {
namespace {

using testing::ElementsAre;
using testing::Pair;

// A lead with a task, a note, a post, a follow and a connection, and an account that came from it.
struct LeadTree {
  explicit LeadTree(const Client& client) {
    lead = Made(client, NewLead("Ionescu"));
    task = Made(client, NewTask(lead.name(), "Call"));
    note = Made(client, NewNote(lead.name(), "Called"));
    post.set_regarding(lead.name());
    post.set_text("Looks good");
    post = Made(client, post);
    follow.set_record(lead.name());
    follow = Made(client, follow);
    Account from = NewAccount("Velo");
    from.set_originating_lead(lead.name());
    account = Made(client, from);
    connection.set_record1(lead.name());
    connection.set_record2(account.name());
    connection = Made(client, connection);
  }
  std::vector<std::string> children() const {
    return {task.name(), note.name(), post.name(), follow.name(), connection.name()};
  }
  Lead lead;
  Task task;
  Note note;
  Post post;
  Follow follow;
  Connection connection;
  Account account;
};

int64_t Remaining(const Client& client) {
  return Count<Lead>(client) + Count<Task>(client) + Count<Note>(client) + Count<Post>(client) +
         Count<Follow>(client) + Count<Connection>(client);
}

// | 15 | SA | Delete lead cascades (S15) | G lead with task, note, post W Delete T all gone from
// reads; linked account remains with originating lead empty |
TEST(Acceptance, R015_DeleteLeadCascades) {
  const Client client(Server::Shared(), "r015");
  const LeadTree tree(client);
  EXPECT_EQ(Delete<Lead>(client, tree.lead.name()).reason, "HAS_CHILDREN");
  const auto deleted = Delete<Lead>(client, tree.lead.name(), true);
  ASSERT_TRUE(deleted.ok()) << deleted;
  EXPECT_EQ(Remaining(client), 0);
  const auto account = Get<Account>(client, tree.account.name());
  ASSERT_TRUE(account.ok()) << account;
  EXPECT_EQ(account.body.originating_lead(), "");
}

// | 16 | SA | Delete preview | G same W PreviewDelete T lists exactly the records 15 removes |
TEST(Acceptance, R016_DeletePreview) {
  const Client client(Server::Shared(), "r016");
  const LeadTree tree(client);
  const auto preview = PreviewDelete<Lead>(client, tree.lead.name());
  ASSERT_TRUE(preview.ok()) << preview;
  std::vector<std::string> expected = tree.children();
  expected.push_back(tree.lead.name());
  EXPECT_THAT(preview.body.deleted(), testing::UnorderedElementsAreArray(expected));
  EXPECT_THAT(preview.body.unlinked(), ElementsAre(tree.account.name()));
  EXPECT_THAT(preview.body.unlinked_counts(), ElementsAre(Pair("accounts", 1)));
  const auto deleted = Delete<Lead>(client, tree.lead.name(), true);
  EXPECT_THAT(deleted.body.deleted(), testing::ElementsAreArray(preview.body.deleted()));
}

// | 17 | ES | Restore deleted lead | G 15 W RestoreDeleted(cascade) T lead, task, note, post,
// follows, connections back, same ids |
TEST(Acceptance, R017_UndeleteLeadTree) {
  const Client client(Server::Shared(), "r017");
  const LeadTree tree(client);
  ASSERT_TRUE(Delete<Lead>(client, tree.lead.name(), true).ok());
  const auto back = Undelete<Lead>(client, tree.lead.name());
  ASSERT_TRUE(back.ok()) << back;
  EXPECT_TRUE(Equal(WithoutVersion(back.body), WithoutVersion(tree.lead)));
  EXPECT_TRUE(Get<Task>(client, tree.task.name()).ok());
  EXPECT_TRUE(Get<Note>(client, tree.note.name()).ok());
  EXPECT_EQ(Get<Post>(client, tree.post.name()).body.text(), "Looks good");
  EXPECT_EQ(Get<Follow>(client, tree.follow.name()).body.record(), tree.lead.name());
  EXPECT_EQ(Get<Connection>(client, tree.connection.name()).body.record2(), tree.account.name());
  EXPECT_EQ(Get<Account>(client, tree.account.name()).body.originating_lead(), tree.lead.name());
}

// | 19 | SA | Lead kinds (S16) | G non-profit W lead kind recruitment T views filter by kind |
TEST(Acceptance, R019_LeadKinds) {
  const Client client(Server::Shared(), "r019");
  Lead candidate = NewLead("Ionescu");
  candidate.set_lead_kind(Lead::KIND_RECRUITMENT);
  candidate = Made(client, candidate);
  Made(client, NewLead("Popescu"));
  record::v1::ListRequest list;
  list.set_filter("lead_kind = \"KIND_RECRUITMENT\"");
  const auto listed = List<Lead>(client, list);
  ASSERT_EQ(listed.body.leads_size(), 1) << listed;
  EXPECT_EQ(listed.body.leads(0).name(), candidate.name());
}

// | 20 | SA | Account hierarchy | G A parent of B W set A.parent=B T INVALID_ARGUMENT cycle |
TEST(Acceptance, R020_AccountHierarchyHasNoCycles) {
  const Client client(Server::Shared(), "r020");
  Account top = Made(client, NewAccount("A"));
  Account middle = NewAccount("B");
  middle.set_parent_account(top.name());
  middle = Made(client, middle);
  Account bottom = NewAccount("C");
  bottom.set_parent_account(middle.name());
  bottom = Made(client, bottom);
  const auto before = Verify(client);
  for (const std::string& parent : {middle.name(), bottom.name(), top.name()}) {
    Account changed;
    changed.set_name(top.name());
    changed.set_parent_account(parent);
    const auto refused = Update(client, changed, {"parent_account"});
    EXPECT_EQ(refused.code, grpc::StatusCode::INVALID_ARGUMENT) << refused;
    EXPECT_THAT(refused.faults, ElementsAre(Pair("account.parent_account", "CYCLE")));
  }
  EXPECT_EQ(Verify(client), before);
}

// | 21 | SA | Contact under account (S2) | G account W contact.parent_customer=account T appears in
// account's contacts |
TEST(Acceptance, R021_ContactUnderAccount) {
  const Client client(Server::Shared(), "r021");
  const Account account = Made(client, NewAccount("Velo"));
  Contact contact = Made(client, NewContact("Ana", "Ionescu"));
  Made(client, NewContact("Dan", "Popescu"));
  contact.set_parent_customer(account.name());
  ASSERT_TRUE(Update(client, contact, {"parent_customer"}).ok());
  record::v1::ListRequest list;
  list.set_filter("parent_customer = \"" + account.name() + "\"");
  const auto listed = List<Contact>(client, list);
  ASSERT_EQ(listed.body.contacts_size(), 1) << listed;
  EXPECT_EQ(listed.body.contacts(0).name(), contact.name());
}

// | 22 | SA | Independent contact | G none W create contact without account T accepted |
TEST(Acceptance, R022_IndependentContact) {
  const Client client(Server::Shared(), "r022");
  const auto created = Create(client, NewContact("Ana", "Ionescu"));
  ASSERT_TRUE(created.ok()) << created;
  EXPECT_EQ(created.body.full_name(), "Ana Ionescu");
  EXPECT_EQ(created.body.parent_customer(), "");
}

// | 168 | PF | Connections | G A-B role W delete A T pair gone |
TEST(Acceptance, R168_ConnectionsGoWithTheirRecords) {
  const Client client(Server::Shared(), "r168");
  const Account first = Made(client, NewAccount("A"));
  const Account second = Made(client, NewAccount("B"));
  Connection connection;
  connection.set_record1(first.name());
  connection.set_record2(second.name());
  connection = Made(client, connection);
  ASSERT_TRUE(Delete<Account>(client, second.name(), true).ok());
  EXPECT_EQ(Get<Connection>(client, connection.name()).code, grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(Count<Connection>(client), 0);
  EXPECT_TRUE(Get<Account>(client, first.name()).ok());
}

// | 172 | PF | Status reason transitions | G map New->Contacted only W New->Lost T rejected |
TEST(Acceptance, R172_StatusTransitions) {
  const Client client(Server::Shared(), "r172");
  const Lead lead = Made(client, NewLead("Ionescu"));
  StatusTransition rule;
  rule.set_record_type("leads");
  rule.set_from_status("STATUS_NEW");
  rule.add_to_statuses("STATUS_CONTACTED");
  Made(client, rule);
  const auto before = Verify(client);
  sales::v1::DisqualifyLeadRequest disqualify;
  disqualify.set_name(lead.name());
  const auto refused = client.Call<sales::v1::DisqualifyLeadResponse>(
      "/crm.sales.v1.Leads/DisqualifyLead", disqualify);
  EXPECT_EQ(refused.code, grpc::StatusCode::FAILED_PRECONDITION) << refused;
  EXPECT_EQ(refused.reason, "INVALID_TRANSITION");
  EXPECT_EQ(Verify(client), before);
  Lead contacted;
  contacted.set_name(lead.name());
  contacted.set_status(Lead::STATUS_CONTACTED);
  EXPECT_TRUE(Update(client, contacted, {"status"}).ok());
}

// | 215 | SA | Delete account tree | G account with opportunity, quote, activities, no order W
// delete T all deleted in one batch; W RestoreDeleted T all back | Without quotes: there are none
// yet.
TEST(Acceptance, R215_DeleteAccountTree) {
  const Client client(Server::Shared(), "r215");
  const Account account = Made(client, NewAccount("Velo"));
  Contact contact = NewContact("Ana", "Ionescu");
  contact.set_parent_customer(account.name());
  contact = Made(client, contact);
  const Opportunity opportunity = Made(client, NewOpportunity("Bicycles", account.name()));
  const Task task = Made(client, NewTask(opportunity.name(), "Offer"));
  const Note note = Made(client, NewNote(contact.name(), "Called"));
  const auto deleted = Delete<Account>(client, account.name(), true);
  ASSERT_TRUE(deleted.ok()) << deleted;
  EXPECT_EQ(deleted.body.deleted_size(), 5);
  EXPECT_EQ(Count<Account>(client) + Count<Contact>(client) + Count<Opportunity>(client) +
                Count<Task>(client) + Count<Note>(client),
            0);
  const auto back = Undelete<Account>(client, account.name());
  ASSERT_TRUE(back.ok()) << back;
  EXPECT_EQ(Get<Contact>(client, contact.name()).body.parent_customer(), account.name());
  EXPECT_EQ(Get<Opportunity>(client, opportunity.name()).body.customer(), account.name());
  EXPECT_EQ(Get<Task>(client, task.name()).body.regarding(), opportunity.name());
  EXPECT_EQ(Get<Note>(client, note.name()).body.regarding(), contact.name());
}

}  // namespace
}  // namespace crm::test
