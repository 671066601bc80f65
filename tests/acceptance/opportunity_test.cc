#include <gmock/gmock.h>

#include "tests/server/sales_records.h"

// The life of an opportunity.
namespace crm::test {
namespace {

using sales::v1::BatchWinOpportunitiesRequest;
using sales::v1::BatchWinOpportunitiesResponse;
using sales::v1::LoseOpportunityRequest;
using sales::v1::LoseOpportunityResponse;
using sales::v1::ReopenOpportunityRequest;
using sales::v1::ReopenOpportunityResponse;
using sales::v1::WinOpportunityRequest;
using sales::v1::WinOpportunityResponse;

const std::string kService = "/crm.sales.v1.Opportunities/";

Answer<WinOpportunityResponse> Win(const Client& client, const WinOpportunityRequest& request) {
  return client.Call<WinOpportunityResponse>(kService + "WinOpportunity", request);
}

Answer<WinOpportunityResponse> Win(const Client& client, const std::string& name, int64_t units) {
  WinOpportunityRequest request;
  request.set_name(name);
  *request.mutable_actual_value() = Amount("EUR", units);
  return Win(client, request);
}

Opportunity MadeFor(const Client& client, const std::string& title) {
  return Made(client, NewOpportunity(title, Made(client, NewAccount("For " + title)).name()));
}

// | 18 | SA | Lead-less sales (S16) | G org without leads W CreateOpportunity(customer) T works
// through win |
TEST(Acceptance, R018_LeadLessSales) {
  const Client client(Server::Shared(), "r018");
  const Opportunity opportunity = MadeFor(client, "Bicycles");
  EXPECT_EQ(opportunity.state(), Opportunity::STATE_OPEN);
  EXPECT_EQ(opportunity.parent_account(), opportunity.customer());
  const auto won = Win(client, opportunity.name(), 900);
  ASSERT_TRUE(won.ok()) << won;
  EXPECT_EQ(Get<Opportunity>(client, opportunity.name()).body.state(), Opportunity::STATE_WON);
  EXPECT_EQ(Count<Lead>(client), 0);
}

// | 33 | SA | Multi-currency | G rate 4.5 W deal 900 T base 200.00; later rate change leaves base |
TEST(Acceptance, R033_AmountsInBaseCurrency) {
  const Client client(Server::Shared(), "r033");
  Currency euro;
  euro.set_code("EUR");
  euro.set_rate("1");
  euro.set_precision(2);
  EXPECT_TRUE(Made(client, euro).base());
  Currency leu;
  leu.set_code("RON");
  leu.set_rate("4.5");
  leu.set_precision(2);
  leu = Made(client, leu);
  EXPECT_FALSE(leu.base());
  Opportunity deal = NewOpportunity("Deal", "");
  *deal.mutable_estimated_value() = Amount("RON", 900);
  deal = Made(client, deal);
  EXPECT_EQ(deal.currency(), "RON");
  EXPECT_EQ(deal.exchange_rate(), "4.5");
  EXPECT_EQ(deal.estimated_value_base().currency_code(), "EUR");
  EXPECT_EQ(deal.estimated_value_base().units(), 200);
  EXPECT_EQ(deal.estimated_value_base().nanos(), 0);
  leu.set_rate("5");
  ASSERT_TRUE(Update(client, leu, {"rate"}).ok());
  EXPECT_EQ(Get<Opportunity>(client, deal.name()).body.estimated_value_base().units(), 200);
  // An edit that leaves the amounts alone leaves the rate alone.
  deal.set_description("Still there");
  const auto edited = Update(client, deal, {"description"});
  EXPECT_EQ(edited.body.estimated_value_base().units(), 200) << edited;
  deal.clear_etag();
  *deal.mutable_estimated_value() = Amount("RON", 1000);
  const auto repriced = Update(client, deal, {"estimated_value"});
  EXPECT_EQ(repriced.body.estimated_value_base().units(), 200) << repriced;
  EXPECT_EQ(repriced.body.exchange_rate(), "5");
  // One currency a record, and only those that the organization has.
  *deal.mutable_budget_amount() = Amount("EUR", 1);
  EXPECT_EQ(Update(client, deal, {"budget_amount"}).code, grpc::StatusCode::INVALID_ARGUMENT);
  Opportunity foreign = NewOpportunity("Foreign", "");
  *foreign.mutable_estimated_value() = Amount("USD", 5);
  EXPECT_EQ(Create(client, foreign).reason, "CURRENCY_UNKNOWN");
}

// | 34 | SA | Win | G open W Win(actual 1000) T Won, actual date, close activity, goal +1000 |
// Without the goal: there are none yet.
TEST(Acceptance, R034_Win) {
  const Client client(Server::Shared(), "r034");
  const Opportunity opportunity = MadeFor(client, "Bicycles");
  WinOpportunityRequest request;
  request.set_name(opportunity.name());
  *request.mutable_actual_value() = Amount("EUR", 1000);
  request.mutable_close_date()->set_year(2026);
  request.mutable_close_date()->set_month(11);
  request.mutable_close_date()->set_day(20);
  request.set_description("They liked the saddle");
  const auto done = Win(client, request);
  ASSERT_TRUE(done.ok()) << done;
  const Opportunity won = Get<Opportunity>(client, opportunity.name()).body;
  EXPECT_EQ(won.state(), Opportunity::STATE_WON);
  EXPECT_EQ(won.status(), Opportunity::STATUS_WON);
  EXPECT_EQ(won.actual_value().units(), 1000);
  EXPECT_EQ(won.actual_close_date().day(), 20);
  const OpportunityClose close = Get<OpportunityClose>(client, done.body.opportunity_close()).body;
  EXPECT_EQ(close.regarding(), opportunity.name());
  EXPECT_EQ(close.state(), OpportunityClose::STATE_COMPLETED);
  EXPECT_TRUE(close.won());
  EXPECT_EQ(close.actual_value().units(), 1000);
  EXPECT_EQ(close.description(), "They liked the saddle");
  EXPECT_EQ(Count<OpportunityClose>(client), 1);
  EXPECT_EQ(Win(client, request).reason, "OPPORTUNITY_NOT_OPEN");
}

// | 35 | SA | Lose with competitor | G open W Lose(5, competitor) T Lost/Out-Sold, competitor
// losses +1 |
TEST(Acceptance, R035_LoseWithCompetitor) {
  const Client client(Server::Shared(), "r035");
  Competitor rival;
  rival.set_display_name("Wheels Ltd");
  rival = Made(client, rival);
  const Opportunity opportunity = MadeFor(client, "Bicycles");
  LoseOpportunityRequest request;
  request.set_name(opportunity.name());
  request.set_status(Opportunity::STATUS_OUT_SOLD);
  request.set_competitor(rival.name());
  const auto done = client.Call<LoseOpportunityResponse>(kService + "LoseOpportunity", request);
  ASSERT_TRUE(done.ok()) << done;
  const Opportunity lost = Get<Opportunity>(client, opportunity.name()).body;
  EXPECT_EQ(lost.state(), Opportunity::STATE_LOST);
  EXPECT_EQ(lost.status(), Opportunity::STATUS_OUT_SOLD);
  EXPECT_EQ(lost.competitor(), rival.name());
  EXPECT_EQ(rival.lost_deals(), 0);
  EXPECT_EQ(Get<Competitor>(client, rival.name()).body.lost_deals(), 1);
  EXPECT_EQ(Count<OpportunityClose>(client, "competitor = \"" + rival.name() + "\""), 1);
}

// | 54 | SA | Territory, competitor, literature | G territory manager W assign user T user in one
// territory only | Of these, the competitor: who it is, against what it stands, what it has won.
TEST(Acceptance, R054_CompetitorOnOpportunities) {
  const Client client(Server::Shared(), "r054");
  Competitor rival;
  rival.set_display_name("Wheels Ltd");
  rival = Made(client, rival);
  Competitor other;
  other.set_display_name("Chains Ltd");
  other = Made(client, other);
  Opportunity opportunity = MadeFor(client, "Bicycles");
  opportunity.add_competitors(rival.name());
  opportunity.add_competitors(other.name());
  const auto updated = Update<Opportunity>(client, opportunity, {"competitors"});
  ASSERT_TRUE(updated.ok()) << updated;
  EXPECT_EQ(updated.body.competitors_size(), 2);
  // Only competitors stand there, and only existing ones.
  Opportunity wrong = updated.body;
  wrong.add_competitors("competitors/01920000-0000-7000-8000-00000000dead");
  const auto refused = Update<Opportunity>(client, wrong, {"competitors"});
  EXPECT_EQ(refused.code, grpc::StatusCode::INVALID_ARGUMENT) << refused;
  LoseOpportunityRequest lose;
  lose.set_name(opportunity.name());
  lose.set_competitor(rival.name());
  ASSERT_TRUE(client.Call<LoseOpportunityResponse>(kService + "LoseOpportunity", lose).ok());
  EXPECT_EQ(Get<Competitor>(client, rival.name()).body.lost_deals(), 1);
  EXPECT_EQ(Get<Competitor>(client, other.name()).body.lost_deals(), 0);
  // The opportunity outlives the competitor, and its history keeps who it was.
  ASSERT_TRUE(Delete<Competitor>(client, rival.name()).ok());
  EXPECT_EQ(Get<Opportunity>(client, opportunity.name()).body.competitor(), "");
  EXPECT_TRUE(Undelete<Competitor>(client, rival.name()).ok());
  EXPECT_EQ(Get<Opportunity>(client, opportunity.name()).body.competitor(), rival.name());
}

// | 160 | PF | Calculated/rollup | G account W close deal T open_revenue updates |
TEST(Acceptance, R160_AccountRollUps) {
  const Client client(Server::Shared(), "r160");
  Currency euro;
  euro.set_code("EUR");
  euro.set_rate("1");
  euro.set_precision(2);
  Made(client, euro);
  const Account account = Made(client, NewAccount("Velo"));
  const Account other = Made(client, NewAccount("Other"));
  std::vector<Opportunity> deals;
  for (int64_t units : {900, 100}) {
    Opportunity deal = NewOpportunity("Deal", account.name());
    *deal.mutable_estimated_value() = Amount("EUR", units, 250'000'000);
    deals.push_back(Made(client, deal));
  }
  const Account before = Get<Account>(client, account.name()).body;
  EXPECT_EQ(before.open_deals(), 2);
  EXPECT_EQ(before.open_revenue().units(), 1000);
  EXPECT_EQ(before.open_revenue().nanos(), 500'000'000);
  EXPECT_EQ(before.open_revenue().currency_code(), "EUR");
  ASSERT_TRUE(Win(client, deals[0].name(), 950).ok());
  const Account after = Get<Account>(client, account.name()).body;
  EXPECT_EQ(after.open_deals(), 1);
  EXPECT_EQ(after.open_revenue().units(), 100);
  EXPECT_EQ(after.etag(), account.etag());
  EXPECT_EQ(Get<Account>(client, other.name()).body.open_deals(), 0);
  // In lists as well, and as it was before the deal was closed.
  record::v1::ListRequest list;
  list.set_filter("display_name = \"Velo\"");
  const auto listed = List<Account>(client, list);
  ASSERT_EQ(listed.body.accounts_size(), 1);
  EXPECT_EQ(listed.body.accounts(0).open_deals(), 1);
  const auto then = Get<Opportunity>(client, deals[1].name()).body.create_time();
  EXPECT_EQ(Get<Account>(client, account.name(), &then).body.open_deals(), 2);
}

// | 36 | SA | Reopen | G won W Reopen T Open, actual cleared, goal -1000, close activity canceled |
// Without the goal: there are none yet.
TEST(Acceptance, R036_Reopen) {
  const Client client(Server::Shared(), "r036");
  const Opportunity opportunity = MadeFor(client, "Bicycles");
  const auto won = Win(client, opportunity.name(), 1000);
  ASSERT_TRUE(won.ok()) << won;
  ReopenOpportunityRequest request;
  request.set_name(opportunity.name());
  const auto done = client.Call<ReopenOpportunityResponse>(kService + "ReopenOpportunity", request);
  ASSERT_TRUE(done.ok()) << done;
  const Opportunity open = Get<Opportunity>(client, opportunity.name()).body;
  EXPECT_EQ(open.state(), Opportunity::STATE_OPEN);
  EXPECT_EQ(open.status(), Opportunity::STATUS_IN_PROGRESS);
  EXPECT_FALSE(open.has_actual_value());
  EXPECT_FALSE(open.has_actual_close_date());
  EXPECT_EQ(open.stages_size(), 2);
  EXPECT_EQ(done.body.opportunity_close(), won.body.opportunity_close());
  EXPECT_EQ(Get<OpportunityClose>(client, won.body.opportunity_close()).body.state(),
            OpportunityClose::STATE_CANCELED);
}

// | 37 | SA | Closed is read-only | G won W Update name T FAILED_PRECONDITION |
TEST(Acceptance, R037_ClosedIsReadOnly) {
  const Client client(Server::Shared(), "r037");
  Opportunity opportunity = MadeFor(client, "Bicycles");
  ASSERT_TRUE(Win(client, opportunity.name(), 1000).ok());
  const auto before = Verify(client);
  opportunity.set_display_name("Something else");
  opportunity.clear_etag();
  const auto refused = Update(client, opportunity, {"display_name"});
  EXPECT_EQ(refused.code, grpc::StatusCode::FAILED_PRECONDITION) << refused;
  EXPECT_EQ(refused.reason, "RECORD_INACTIVE");
  EXPECT_EQ(Verify(client), before);
}

// | 38 | SA | Stakeholders and sales team | G opp W connect contact role Stakeholder T listed with
// role on both sides |
TEST(Acceptance, R038_Stakeholders) {
  const Client client(Server::Shared(), "r038");
  ConnectionRole role;
  role.set_display_name("Stakeholder");
  role.set_category(ConnectionRole::CATEGORY_STAKEHOLDER);
  role = Made(client, role);
  const Opportunity opportunity = MadeFor(client, "Bicycles");
  const Contact contact = Made(client, NewContact("Ana", "Ionescu"));
  Connection connection;
  connection.set_record1(opportunity.name());
  connection.set_record2(contact.name());
  connection.set_role2(role.name());
  connection = Made(client, connection);
  for (const std::string& side :
       {"record1 = \"" + opportunity.name() + "\"", "record2 = \"" + contact.name() + "\""}) {
    record::v1::ListRequest list;
    list.set_filter(side);
    const auto listed = List<Connection>(client, list);
    ASSERT_EQ(listed.body.connections_size(), 1) << side << listed;
    EXPECT_EQ(listed.body.connections(0).role2(), role.name());
    EXPECT_EQ(listed.body.connections(0).name(), connection.name());
  }
}

// | 216 | SA | Selection never silently filtered | G 3 selected opportunities, one won W BatchWin T
// explicit per-item refusal, not a silent drop (odoo 192926) |
TEST(Acceptance, R216_BatchWinRefusesItemByItem) {
  const Client client(Server::Shared(), "r216");
  BatchWinOpportunitiesRequest batch;
  for (const char* title : {"One", "Two", "Three"}) {
    WinOpportunityRequest& request = *batch.add_requests();
    request.set_name(MadeFor(client, title).name());
    *request.mutable_actual_value() = Amount("EUR", 10);
  }
  ASSERT_TRUE(Win(client, batch.requests(1)).ok());
  const auto done =
      client.Call<BatchWinOpportunitiesResponse>(kService + "BatchWinOpportunities", batch);
  ASSERT_TRUE(done.ok()) << done;
  ASSERT_EQ(done.body.outcomes_size(), 3);
  EXPECT_FALSE(done.body.outcomes(0).has_status());
  EXPECT_EQ(done.body.outcomes(1).status().code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(done.body.outcomes(1).name(), batch.requests(1).name());
  EXPECT_FALSE(done.body.outcomes(2).has_status());
  EXPECT_EQ(Count<Opportunity>(client, "state = \"STATE_WON\""), 3);
  EXPECT_EQ(Count<OpportunityClose>(client), 3);
}

}  // namespace
}  // namespace crm::test
