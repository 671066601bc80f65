#include <gmock/gmock.h>

#include "crm/sales/v1/lead.pb.h"
#include "tests/server/filled.h"
#include "tests/server/records.h"

// The life of a lead.
namespace crm::test {
namespace {

using sales::v1::DisqualifyLeadRequest;
using sales::v1::DisqualifyLeadResponse;
using sales::v1::ReactivateLeadRequest;
using sales::v1::ReactivateLeadResponse;
using testing::ElementsAre;
using testing::Pair;
using testing::UnorderedElementsAre;

constexpr char kDisqualify[] = "/crm.sales.v1.Leads/DisqualifyLead";
constexpr char kReactivate[] = "/crm.sales.v1.Leads/ReactivateLead";
constexpr char kSalesperson[] = "users/01920000-0000-7000-8000-00000000abcd";

Answer<DisqualifyLeadResponse> Disqualify(const Client& client, const std::string& name,
                                          Lead::Status status, const std::string& comment) {
  DisqualifyLeadRequest request;
  request.set_name(name);
  request.set_status(status);
  request.set_comment(comment);
  return client.Call<DisqualifyLeadResponse>(kDisqualify, request);
}

// What it is, beside why it was given up.
Lead WithoutState(const Lead& lead) {
  Lead rest = WithoutVersion(lead);
  rest.clear_state();
  rest.clear_status();
  rest.clear_disqualify_comment();
  return rest;
}

// | 1 | SA | Create lead (S2) | G salesperson W CreateLead{subject,last_name} T open/New lead,
// owner = caller, one LeadCreated event |
// With any user: nobody has signed in yet.
TEST(Acceptance, R001_CreateLead) {
  const Client client(Server::Shared(), "r001", kSalesperson);
  const auto created = Create(client, NewLead("Ionescu", "Wants a quote"));
  ASSERT_TRUE(created.ok()) << created;
  EXPECT_EQ(created.body.subject(), "Wants a quote");
  EXPECT_EQ(created.body.last_name(), "Ionescu");
  EXPECT_EQ(created.body.state(), Lead::STATE_OPEN);
  EXPECT_EQ(created.body.status(), Lead::STATUS_NEW);
  EXPECT_EQ(created.body.owner(), kSalesperson);
  EXPECT_EQ(created.body.create_user(), kSalesperson);
  EXPECT_EQ(created.body.etag(), "1");
  EXPECT_TRUE(Equal(Get<Lead>(client, created.body.name()).body, created.body));
  EXPECT_EQ(Count<Lead>(client), 1);
  EXPECT_EQ(Count<Note>(client), 0);
  EXPECT_EQ(Count<Task>(client), 0);

  EXPECT_EQ(History<Lead>(client, created.body.name()).size(), 1u);
  const Changes changes = ChangesAfter(client, "0");
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes.leads[0].change().event(), "crm.sales.v1.lead.created");
  EXPECT_EQ(changes.leads[0].change().user(), kSalesperson);
  EXPECT_TRUE(Equal(changes.leads[0].lead(), created.body));
}

// | 1 | as above |, by somebody who is known by a sign-in name.
TEST(Acceptance, R001_CreateLeadBySignInName) {
  const Client ana(Server::Shared(), "r001-names", "ana@example.com");
  const Client same(Server::Shared(), "r001-names", "Ana@Example.com");
  const Client radu(Server::Shared(), "r001-names", "radu@example.com");
  const auto first = Create(ana, NewLead("Ionescu"));
  const auto second = Create(same, NewLead("Popescu"));
  const auto third = Create(radu, NewLead("Enescu"));
  ASSERT_TRUE(first.ok() && second.ok() && third.ok()) << first << second << third;
  EXPECT_EQ(first.body.owner(), first.body.create_user());
  EXPECT_EQ(first.body.owner(), second.body.owner());
  EXPECT_NE(first.body.owner(), third.body.owner());
  EXPECT_TRUE(first.body.owner().starts_with("users/")) << first.body.owner();
}

// | 2 | SA | Required fields | G lead without last_name W create T INVALID_ARGUMENT naming
// last_name, no event |
TEST(Acceptance, R002_RequiredFields) {
  const Client client(Server::Shared(), "r002");
  ASSERT_TRUE(Create(client, NewLead("Ionescu")).ok());
  const auto before = Verify(client);
  Lead nameless = FullLead(1);
  nameless.clear_last_name();
  const auto refused = Create(client, nameless);
  EXPECT_EQ(refused.code, grpc::StatusCode::INVALID_ARGUMENT) << refused;
  EXPECT_EQ(refused.reason, "REQUIRED_FIELD");
  EXPECT_THAT(refused.faults, ElementsAre(Pair("lead.last_name", "REQUIRED_FIELD")));

  // Everything that is missing is named at once.
  nameless.clear_subject();
  EXPECT_THAT(Create(client, nameless).faults,
              UnorderedElementsAre(Pair("lead.last_name", "REQUIRED_FIELD"),
                                   Pair("lead.subject", "REQUIRED_FIELD")));
  EXPECT_EQ(Verify(client), before);
  EXPECT_EQ(Count<Lead>(client), 1);
  EXPECT_EQ(ChangesAfter(client, "0").size(), 1u);
}

// | 12 | SA | Disqualify (S14) | G open lead W Disqualify(5) T Disqualified/Cannot Contact, all
// fields, activities, notes kept |
TEST(Acceptance, R012_DisqualifyKeepsDetails) {
  const Client client(Server::Shared(), "r012");
  const auto lead = Create(client, FullLead(12));
  ASSERT_TRUE(lead.ok()) << lead;
  const std::string& name = lead.body.name();
  const auto note = Create(client, FullNote(name, 3));
  const auto task = Create(client, FullTask(name, 4));
  ASSERT_TRUE(note.ok() && task.ok()) << note << task;

  const auto done = Disqualify(client, name, Lead::STATUS_CANNOT_CONTACT, "Nobody answers.");
  ASSERT_TRUE(done.ok()) << done;
  EXPECT_EQ(done.body.name(), name);
  EXPECT_EQ(done.body.etag(), "2");
  EXPECT_EQ(done.body.canceled_activities(), 0);
  const Lead after = Get<Lead>(client, name).body;
  EXPECT_EQ(after.state(), Lead::STATE_DISQUALIFIED);
  EXPECT_EQ(after.status(), Lead::STATUS_CANNOT_CONTACT);
  EXPECT_EQ(after.disqualify_comment(), "Nobody answers.");
  EXPECT_EQ(after.etag(), "2");
  EXPECT_TRUE(Equal(WithoutState(after), WithoutState(lead.body)));
  EXPECT_TRUE(Equal(Get<Note>(client, note.body.name()).body, note.body));
  EXPECT_TRUE(Equal(Get<Task>(client, task.body.name()).body, task.body));
  EXPECT_EQ(Count<Note>(client), 1);
  EXPECT_EQ(Count<Task>(client), 1);

  const Changes changes = ChangesAfter(client, task.position());
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes.leads[0].change().event(), "crm.sales.v1.lead.disqualified");
}

// | 12 | as above |: what is refused, and the open tasks, if the caller wants them closed.
TEST(Acceptance, R012_DisqualifyOnlyOpenLeads) {
  const Client client(Server::Shared(), "r012-refusals");
  const auto lead = Create(client, FullLead(12));
  const std::string& name = lead.body.name();
  const auto task = Create(client, FullTask(name, 4));
  ASSERT_TRUE(lead.ok() && task.ok()) << lead << task;
  const auto before = Verify(client);
  const auto foreign = Disqualify(client, name, Lead::STATUS_QUALIFIED, "");
  EXPECT_EQ(foreign.code, grpc::StatusCode::INVALID_ARGUMENT) << foreign;
  EXPECT_THAT(foreign.faults, ElementsAre(Pair("status", "LEAD_STATUS_NOT_OF_STATE")));
  EXPECT_EQ(Verify(client), before);

  DisqualifyLeadRequest request;
  request.set_name(name);
  request.set_close_open_activities(true);
  const auto done = client.Call<DisqualifyLeadResponse>(kDisqualify, request);
  ASSERT_TRUE(done.ok()) << done;
  EXPECT_EQ(done.body.canceled_activities(), 1);
  EXPECT_EQ(Get<Lead>(client, name).body.status(), Lead::STATUS_LOST);
  const Task canceled = Get<Task>(client, task.body.name()).body;
  EXPECT_EQ(canceled.state(), Task::STATE_CANCELED);
  EXPECT_EQ(canceled.status(), Task::STATUS_CANCELED);
  EXPECT_EQ(canceled.subject(), task.body.subject());

  const auto after = Verify(client);
  const auto again = Disqualify(client, name, Lead::STATUS_LOST, "");
  EXPECT_EQ(again.code, grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(again.reason, "LEAD_ALREADY_DISQUALIFIED") << again;
  EXPECT_EQ(Verify(client), after);
  const Changes changes = ChangesAfter(client, task.position());
  ASSERT_EQ(changes.size(), 2u);
  EXPECT_EQ(changes.tasks.at(0).change().event(), "crm.activity.v1.task.canceled");
  // One command, one commit.
  EXPECT_EQ(changes.tasks.at(0).change().command(), changes.leads.at(0).change().command());
}

// | 13 | SA | Reactivate (S14) | G disqualified W Reactivate T Open/New, every detail as before |
TEST(Acceptance, R013_ReactivateKeepsDetails) {
  const Client client(Server::Shared(), "r013");
  const auto lead = Create(client, FullLead(13));
  ASSERT_TRUE(lead.ok()) << lead;
  const std::string& name = lead.body.name();
  const auto note = Create(client, FullNote(name, 3));
  const auto task = Create(client, FullTask(name, 4));
  const auto disqualified = Disqualify(client, name, Lead::STATUS_CANNOT_CONTACT, "Moved away.");
  ASSERT_TRUE(note.ok() && task.ok() && disqualified.ok()) << note << task << disqualified;

  ReactivateLeadRequest request;
  request.set_name(name);
  const auto done = client.Call<ReactivateLeadResponse>(kReactivate, request);
  ASSERT_TRUE(done.ok()) << done;
  EXPECT_EQ(done.body.name(), name);
  EXPECT_EQ(done.body.etag(), "3");
  EXPECT_EQ(done.body.previous_state(), Lead::STATE_DISQUALIFIED);
  EXPECT_EQ(done.body.previous_status(), Lead::STATUS_CANNOT_CONTACT);
  const Lead after = Get<Lead>(client, name).body;
  EXPECT_EQ(after.state(), Lead::STATE_OPEN);
  EXPECT_EQ(after.status(), Lead::STATUS_NEW);
  EXPECT_EQ(after.disqualify_comment(), "Moved away.");
  EXPECT_TRUE(Equal(WithoutState(after), WithoutState(lead.body)));
  EXPECT_TRUE(Equal(Get<Note>(client, note.body.name()).body, note.body));
  EXPECT_TRUE(Equal(Get<Task>(client, task.body.name()).body, task.body));

  const auto before = Verify(client);
  const auto again = client.Call<ReactivateLeadResponse>(kReactivate, request);
  EXPECT_EQ(again.code, grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(again.reason, "LEAD_ALREADY_OPEN") << again;
  EXPECT_EQ(Verify(client), before);
  const Changes changes = ChangesAfter(client, disqualified.position());
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes.leads[0].change().event(), "crm.sales.v1.lead.reactivated");
}

}  // namespace
}  // namespace crm::test
