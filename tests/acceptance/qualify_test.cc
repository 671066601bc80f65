#include <gmock/gmock.h>

#include <thread>

#include "tests/server/sales_records.h"

// A lead becomes an account, a contact and an opportunity.
namespace crm::test {
namespace {

using sales::v1::QualifyLeadRequest;
using sales::v1::QualifyLeadResponse;
using testing::ElementsAre;
using testing::Pair;

constexpr char kQualify[] = "/crm.sales.v1.Leads/QualifyLead";

Lead Promising(const std::string& last_name = "Ionescu") {
  Lead lead = NewLead(last_name, "40 bicycles");
  lead.set_first_name("Ana");
  lead.set_company_name("Velo " + last_name);
  lead.set_email(last_name + "@example.com");
  lead.set_currency("EUR");
  *lead.mutable_estimated_amount() = Amount("EUR", 5000);
  return lead;
}

QualifyLeadRequest Everything(const std::string& name) {
  QualifyLeadRequest request;
  request.set_name(name);
  request.set_create_account(true);
  request.set_create_contact(true);
  request.set_create_opportunity(true);
  return request;
}

Answer<QualifyLeadResponse> Qualify(const Client& client, const QualifyLeadRequest& request) {
  return client.Call<QualifyLeadResponse>(kQualify, request);
}

int64_t Records(const Client& client) {
  return Count<Account>(client) + Count<Contact>(client) + Count<Opportunity>(client);
}

// | 4 | SA | Qualify to three records | G open lead with company and currency W
// Qualify(account,contact,opportunity) T three records, links both ways, lead Qualified, all events
// one batch |
TEST(Acceptance, R004_QualifyToThreeRecords) {
  const Client client(Server::Shared(), "r004");
  const Lead lead = Made(client, Promising());
  const auto done = Qualify(client, Everything(lead.name()));
  ASSERT_TRUE(done.ok()) << done;
  const Account account = Get<Account>(client, done.body.account()).body;
  const Contact contact = Get<Contact>(client, done.body.contact()).body;
  const Opportunity opportunity = Get<Opportunity>(client, done.body.opportunity()).body;
  EXPECT_EQ(account.display_name(), "Velo Ionescu");
  EXPECT_EQ(account.primary_contact(), contact.name());
  EXPECT_EQ(account.originating_lead(), lead.name());
  EXPECT_EQ(contact.full_name(), "Ana Ionescu");
  EXPECT_EQ(contact.parent_customer(), account.name());
  EXPECT_EQ(contact.originating_lead(), lead.name());
  EXPECT_EQ(opportunity.customer(), account.name());
  EXPECT_EQ(opportunity.parent_contact(), contact.name());
  EXPECT_EQ(opportunity.originating_lead(), lead.name());
  EXPECT_EQ(opportunity.display_name(), "40 bicycles");
  EXPECT_EQ(opportunity.estimated_value().units(), 5000);
  const Lead qualified = Get<Lead>(client, lead.name()).body;
  EXPECT_EQ(qualified.state(), Lead::STATE_QUALIFIED);
  EXPECT_EQ(qualified.status(), Lead::STATUS_QUALIFIED);
  EXPECT_EQ(qualified.parent_account(), account.name());
  EXPECT_EQ(qualified.parent_contact(), contact.name());
  EXPECT_EQ(qualified.qualifying_opportunity(), opportunity.name());
  // One command made them all.
  const std::string command = History<Lead>(client, lead.name()).front().command();
  EXPECT_EQ(History<Account>(client, account.name()).front().command(), command);
  EXPECT_EQ(History<Contact>(client, contact.name()).front().command(), command);
  EXPECT_EQ(History<Opportunity>(client, opportunity.name()).front().command(), command);
  EXPECT_EQ(History<Account>(client, account.name()).size(), 1u);
  EXPECT_EQ(Records(client), 3);
}

// | 5 | SA | Qualify partially | G lead W Qualify(contact only) T only a contact is created |
TEST(Acceptance, R005_QualifyPartially) {
  const Client client(Server::Shared(), "r005");
  const Lead lead = Made(client, NewLead("Popescu"));
  QualifyLeadRequest request;
  request.set_name(lead.name());
  request.set_create_contact(true);
  const auto done = Qualify(client, request);
  ASSERT_TRUE(done.ok()) << done;
  EXPECT_TRUE(done.body.contact_created());
  EXPECT_EQ(done.body.account(), "");
  EXPECT_EQ(done.body.opportunity(), "");
  EXPECT_EQ(Count<Contact>(client), 1);
  EXPECT_EQ(Records(client), 1);
}

// | 6 | SA | Qualify with existing account | G lead.parent_account set W Qualify(create account) T
// no new account; opportunity.customer = existing |
TEST(Acceptance, R006_QualifyWithExistingAccount) {
  const Client client(Server::Shared(), "r006");
  const Account account = Made(client, NewAccount("Velo Cluj"));
  Lead lead = Promising();
  lead.set_parent_account(account.name());
  lead = Made(client, lead);
  const auto done = Qualify(client, Everything(lead.name()));
  ASSERT_TRUE(done.ok()) << done;
  EXPECT_FALSE(done.body.account_created());
  EXPECT_EQ(done.body.account(), account.name());
  EXPECT_EQ(Count<Account>(client), 1);
  EXPECT_EQ(Get<Opportunity>(client, done.body.opportunity()).body.customer(), account.name());
}

// | 7 | SA | Qualify dedupe | G contact same email W Qualify T DUPLICATES_DETECTED lists it and
// nothing is written; W retry with existing_contact T uses it |
TEST(Acceptance, R007_QualifyOffersDuplicates) {
  const Client client(Server::Shared(), "r007");
  Contact known = NewContact("Ana", "Ionescu");
  known.set_email("Ionescu@example.com");
  known = Made(client, known);
  const Lead lead = Made(client, Promising());
  const auto before = Verify(client);
  const auto refused = Qualify(client, Everything(lead.name()));
  EXPECT_EQ(refused.code, grpc::StatusCode::ALREADY_EXISTS) << refused;
  EXPECT_EQ(refused.reason, "DUPLICATES_DETECTED");
  EXPECT_THAT(refused.facts, testing::Contains(Pair("candidate1", known.name())));
  EXPECT_EQ(Verify(client), before);

  QualifyLeadRequest request = Everything(lead.name());
  request.set_existing_contact(known.name());
  const auto done = Qualify(client, request);
  ASSERT_TRUE(done.ok()) << done;
  EXPECT_EQ(done.body.contact(), known.name());
  EXPECT_FALSE(done.body.contact_created());
  EXPECT_EQ(Count<Contact>(client), 1);
}

// | 8 | SA | Qualify suppressing duplicates | G same W suppress=true T a second contact is created
// |
TEST(Acceptance, R008_QualifySuppressingDuplicates) {
  const Client client(Server::Shared(), "r008");
  Contact known = NewContact("Ana", "Ionescu");
  known.set_email("Ionescu@example.com");
  known = Made(client, known);
  const Lead lead = Made(client, Promising());
  QualifyLeadRequest request = Everything(lead.name());
  request.set_suppress_duplicate_detection(true);
  const auto done = Qualify(client, request);
  ASSERT_TRUE(done.ok()) << done;
  EXPECT_TRUE(done.body.contact_created());
  EXPECT_NE(done.body.contact(), known.name());
  EXPECT_EQ(Count<Contact>(client), 2);
}

// | 9 | SA | Qualify into existing opportunity | G open opp W Qualify(existing_opportunity) T lead
// linked, no new opp, contact added as stakeholder |
TEST(Acceptance, R009_QualifyIntoExistingOpportunity) {
  const Client client(Server::Shared(), "r009");
  const Account account = Made(client, NewAccount("Velo Cluj"));
  const Opportunity opportunity = Made(client, NewOpportunity("Bicycles", account.name()));
  const Lead lead = Made(client, Promising());
  QualifyLeadRequest request = Everything(lead.name());
  request.set_existing_opportunity(opportunity.name());
  const auto done = Qualify(client, request);
  ASSERT_TRUE(done.ok()) << done;
  EXPECT_EQ(done.body.opportunity(), opportunity.name());
  EXPECT_EQ(Count<Opportunity>(client), 1);
  EXPECT_EQ(Get<Lead>(client, lead.name()).body.qualifying_opportunity(), opportunity.name());
  record::v1::ListRequest list;
  list.set_filter("record1 = \"" + opportunity.name() + "\"");
  const auto connections = List<Connection>(client, list);
  ASSERT_EQ(connections.body.connections_size(), 1) << connections;
  EXPECT_EQ(connections.body.connections(0).record2(), done.body.contact());
  const auto role = Get<ConnectionRole>(client, connections.body.connections(0).role2());
  EXPECT_EQ(role.body.category(), ConnectionRole::CATEGORY_STAKEHOLDER);
}

// | 10 | SA | Qualify idempotent | G qualified W same command id again T same ids returned, no
// events |
TEST(Acceptance, R010_QualifyIdempotent) {
  const Client client(Server::Shared(), "r010");
  const Lead lead = Made(client, Promising());
  QualifyLeadRequest request = Everything(lead.name());
  request.set_request_id("qualify-1");
  const auto first = Qualify(client, request);
  ASSERT_TRUE(first.ok()) << first;
  const auto before = Verify(client);
  const auto again = Qualify(client, request);
  ASSERT_TRUE(again.ok()) << again;
  EXPECT_EQ(again.body.SerializeAsString(), first.body.SerializeAsString());
  EXPECT_EQ(Verify(client), before);
  EXPECT_EQ(Records(client), 3);
}

// | 11 | SA | Qualify race | G two callers W qualify at once T one wins, other gets
// ALREADY_QUALIFIED with ids |
TEST(Acceptance, R011_QualifyRace) {
  const Client client(Server::Shared(), "r011");
  const Lead lead = Made(client, Promising());
  Answer<QualifyLeadResponse> answers[2];
  std::vector<std::thread> callers;
  for (auto& answer : answers)
    callers.emplace_back([&] { answer = Qualify(client, Everything(lead.name())); });
  for (std::thread& caller : callers) caller.join();
  ASSERT_NE(answers[0].ok(), answers[1].ok()) << answers[0] << answers[1];
  const auto& won = answers[answers[0].ok() ? 0 : 1];
  const auto& lost = answers[answers[0].ok() ? 1 : 0];
  EXPECT_EQ(lost.code, grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(lost.reason, "LEAD_ALREADY_QUALIFIED");
  EXPECT_EQ(lost.facts.at("account"), won.body.account());
  EXPECT_EQ(lost.facts.at("contact"), won.body.contact());
  EXPECT_EQ(lost.facts.at("opportunity"), won.body.opportunity());
  EXPECT_EQ(Records(client), 3);
}

// | 14 | SA | Requalify keeps results | G qualified lead reactivated W Qualify T previous
// account/contact offered, none duplicated |
TEST(Acceptance, R014_RequalifyKeepsResults) {
  const Client client(Server::Shared(), "r014");
  const Lead lead = Made(client, Promising());
  const auto first = Qualify(client, Everything(lead.name()));
  ASSERT_TRUE(first.ok()) << first;
  sales::v1::ReactivateLeadRequest reactivate;
  reactivate.set_name(lead.name());
  ASSERT_TRUE(
      client
          .Call<sales::v1::ReactivateLeadResponse>("/crm.sales.v1.Leads/ReactivateLead", reactivate)
          .ok());
  QualifyLeadRequest request = Everything(lead.name());
  // The deal goes on, unless the caller wants a second one or it is over.
  const auto deal = Qualify(client, request);
  EXPECT_EQ(deal.reason, "DUPLICATES_DETECTED") << deal;
  EXPECT_EQ(deal.facts.at("candidate1"), first.body.opportunity());
  request.clear_create_opportunity();
  request.set_existing_opportunity(first.body.opportunity());
  const auto again = Qualify(client, request);
  ASSERT_TRUE(again.ok()) << again;
  EXPECT_EQ(again.body.opportunity(), first.body.opportunity());
  request.clear_existing_opportunity();
  EXPECT_EQ(again.body.account(), first.body.account());
  EXPECT_EQ(again.body.contact(), first.body.contact());
  // Even when the lead does not say any more what it had become.
  ASSERT_TRUE(
      client
          .Call<sales::v1::ReactivateLeadResponse>("/crm.sales.v1.Leads/ReactivateLead", reactivate)
          .ok());
  Lead cleared;
  cleared.set_name(lead.name());
  ASSERT_TRUE(Update(client, cleared, {"parent_account", "parent_contact"}).ok());
  const auto offered = Qualify(client, request);
  EXPECT_EQ(offered.reason, "DUPLICATES_DETECTED") << offered;
  EXPECT_EQ(offered.facts.at("candidate1"), first.body.account());
  EXPECT_EQ(offered.facts.at("candidate2"), first.body.contact());
  EXPECT_EQ(Records(client), 3);
}

// | 51 | SA | Bulk qualify per-item errors | G 3 leads, one lacks company W bulk qualify T 2 done,
// 1 error naming field |
TEST(Acceptance, R051_BulkQualifyTellsEachOutcome) {
  const Client client(Server::Shared(), "r051");
  sales::v1::BatchQualifyLeadsRequest batch;
  batch.set_request_id("batch-1");
  for (const char* last_name : {"Ionescu", "Popescu", "Enescu"}) {
    Lead lead = Promising(last_name);
    if (std::string(last_name) == "Popescu") lead.clear_company_name();
    *batch.add_requests() = Everything(Made(client, lead).name());
  }
  constexpr char kBatch[] = "/crm.sales.v1.Leads/BatchQualifyLeads";
  const auto done = client.Call<sales::v1::BatchQualifyLeadsResponse>(kBatch, batch);
  ASSERT_TRUE(done.ok()) << done;
  ASSERT_EQ(done.body.outcomes_size(), 3);
  for (int i : {0, 2}) {
    EXPECT_FALSE(done.body.outcomes(i).has_status());
    EXPECT_TRUE(done.body.outcomes(i).response().opportunity_created());
  }
  EXPECT_EQ(done.body.outcomes(1).status().code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(done.body.outcomes(1).status().message(), testing::HasSubstr("company_name"));
  EXPECT_EQ(done.body.outcomes(1).name(), batch.requests(1).name());
  EXPECT_EQ(Records(client), 6);
  // Sent again, it says the same and does nothing.
  const auto again = client.Call<sales::v1::BatchQualifyLeadsResponse>(kBatch, batch);
  ASSERT_TRUE(again.ok()) << again;
  EXPECT_EQ(again.body.outcomes(0).SerializeAsString(), done.body.outcomes(0).SerializeAsString());
  EXPECT_EQ(Records(client), 6);
}

}  // namespace
}  // namespace crm::test
