#include <gmock/gmock.h>

#include "tests/server/sales_records.h"

// Deals on their way, and the records around them that are moved, merged and closed.
namespace crm::test {
namespace {

using record::v1::TransitionRequest;
using record::v1::TransitionResponse;

const std::string kDeals = "/crm.sales.v1.Opportunities/";

Answer<TransitionResponse> Carry(const Client& client, const std::string& path,
                                 const std::string& name) {
  TransitionRequest request;
  request.set_name(name);
  return client.Call<TransitionResponse>(path, request);
}

Opportunity DealOf(const Client& client, const std::string& account, int64_t euros) {
  Opportunity deal = NewOpportunity("Bicycles", account);
  *deal.mutable_estimated_value() = Amount("EUR", euros);
  return Made(client, deal);
}

void HaveEuro(const Client& client) {
  Currency euro;
  euro.set_code("EUR");
  euro.set_rate("1");
  euro.set_precision(2);
  Made(client, euro);
}

// | 2.4 | ChangeStage: entry and duration of each stage; the value is weighted by the probability |
TEST(Deal, GoesThroughItsStages) {
  const Client client(Server::Shared(), "deal-stages");
  HaveEuro(client);
  const Opportunity deal = DealOf(client, Made(client, NewAccount("Velo")).name(), 1'001);
  ASSERT_EQ(deal.stages_size(), 1);
  EXPECT_EQ(deal.sales_stage(), Opportunity::SALES_STAGE_QUALIFY);
  sales::v1::ChangeOpportunityStageRequest change;
  change.set_name(deal.name());
  change.set_sales_stage(Opportunity::SALES_STAGE_PROPOSE);
  change.set_step_name("Offer sent");
  change.set_close_probability(50);
  const auto changed = client.Call<sales::v1::ChangeOpportunityStageResponse>(
      kDeals + "ChangeOpportunityStage", change);
  ASSERT_TRUE(changed.ok()) << changed;
  const Opportunity now = Get<Opportunity>(client, deal.name()).body;
  ASSERT_EQ(now.stages_size(), 2);
  EXPECT_EQ(now.stages(1).sales_stage(), Opportunity::SALES_STAGE_PROPOSE);
  EXPECT_EQ(now.stages(0).duration_seconds(),
            now.stages(1).entry_time().seconds() - now.stages(0).entry_time().seconds());
  EXPECT_EQ(now.stage_entry_time().seconds(), now.stages(1).entry_time().seconds());
  EXPECT_EQ(now.step_name(), "Offer sent");
  EXPECT_EQ(now.weighted_value().units(), 500);
  EXPECT_EQ(now.weighted_value().nanos(), 500'000'000);
  EXPECT_EQ(now.weighted_value_base().units(), 500);
  EXPECT_EQ(History<Opportunity>(client, deal.name()).front().event(),
            "crm.sales.v1.opportunity.stage_changed");
  // The largest amount that there is, and more.
  Opportunity large = now;
  *large.mutable_estimated_value() = Amount("EUR", 922'337'203'685'477);
  ASSERT_TRUE(Update(client, large, {"estimated_value"}).ok());
  EXPECT_EQ(Get<Opportunity>(client, deal.name()).body.weighted_value().units(),
            461'168'601'842'738);
  large.clear_etag();
  for (int64_t units : {INT64_MAX, INT64_MIN}) {
    *large.mutable_estimated_value() = Amount("EUR", units);
    EXPECT_EQ(Update(client, large, {"estimated_value"}).faults.at("opportunity.estimated_value"),
              "OUT_OF_RANGE");
  }
}

TEST(Deal, IsHeldAndResumed) {
  const Client client(Server::Shared(), "deal-held");
  HaveEuro(client);
  const Opportunity deal = DealOf(client, Made(client, NewAccount("Velo")).name(), 10);
  ASSERT_TRUE(Carry(client, kDeals + "HoldOpportunity", deal.name()).ok());
  EXPECT_EQ(Get<Opportunity>(client, deal.name()).body.status(), Opportunity::STATUS_ON_HOLD);
  ASSERT_TRUE(Carry(client, kDeals + "ResumeOpportunity", deal.name()).ok());
  EXPECT_EQ(Get<Opportunity>(client, deal.name()).body.status(), Opportunity::STATUS_IN_PROGRESS);
}

TEST(Deal, IsLostInABatch) {
  const Client client(Server::Shared(), "deal-batch");
  HaveEuro(client);
  sales::v1::BatchLoseOpportunitiesRequest batch;
  for (int i = 0; i < 2; ++i) {
    batch.add_requests()->set_name(
        DealOf(client, Made(client, NewAccount("Velo")).name(), 10).name());
  }
  batch.add_requests()->set_name("opportunities/01920000-0000-7000-8000-000000000001");
  const auto lost = client.Call<sales::v1::BatchLoseOpportunitiesResponse>(
      kDeals + "BatchLoseOpportunities", batch);
  ASSERT_TRUE(lost.ok()) << lost;
  ASSERT_EQ(lost.body.outcomes_size(), 3);
  EXPECT_EQ(lost.body.outcomes(2).status().code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(Count<Opportunity>(client, "state = \"STATE_LOST\""), 2);
}

// Whatever happens to the deals and accounts, the sums are those of the deals that are there.
TEST(Deal, AccountsSumUpWhatTheyHave) {
  const Client client(Server::Shared(), "deal-sums");
  HaveEuro(client);
  const Account first = Made(client, NewAccount("Velo"));
  const Account second = Made(client, NewAccount("Velo SRL"));
  const Opportunity deal = DealOf(client, first.name(), 100);
  DealOf(client, second.name(), 20);
  auto expect = [&](const Account& account, int deals, int64_t euros) {
    const Account shown = Get<Account>(client, account.name()).body;
    EXPECT_EQ(shown.open_deals(), deals) << shown.display_name();
    EXPECT_EQ(shown.open_revenue().units(), euros) << shown.display_name();
  };
  expect(first, 1, 100);
  sales::v1::MergeAccountsRequest merge;
  merge.set_name(first.name());
  merge.set_subordinate(second.name());
  ASSERT_TRUE(
      client.Call<sales::v1::MergeAccountsResponse>("/crm.sales.v1.Accounts/MergeAccounts", merge)
          .ok());
  expect(first, 2, 120);
  expect(second, 0, 0);
  sales::v1::UnmergeAccountRequest unmerge;
  unmerge.set_name(second.name());
  ASSERT_TRUE(
      client
          .Call<sales::v1::UnmergeAccountResponse>("/crm.sales.v1.Accounts/UnmergeAccount", unmerge)
          .ok());
  expect(first, 1, 100);
  expect(second, 1, 20);
  Opportunity moved = deal;
  moved.set_parent_account(second.name());
  moved.set_customer(second.name());
  moved.clear_etag();
  ASSERT_TRUE(Update(client, moved, {"customer", "parent_account"}).ok());
  expect(first, 0, 0);
  expect(second, 2, 120);
  ASSERT_TRUE(Delete<Opportunity>(client, deal.name()).ok());
  expect(second, 1, 20);
  ASSERT_TRUE(Undelete<Opportunity>(client, deal.name()).ok());
  expect(second, 2, 120);
}

template <class Record>
void ExpectMergedAndBack(const Client& client, Record master, Record subordinate,
                         const std::string& service, const std::string& one) {
  master = Made(client, master);
  subordinate = Made(client, subordinate);
  const Task task = Made(client, NewTask(subordinate.name(), "Call"));
  sales::v1::MergeLeadsRequest merge;  // the requests of all types have the same fields
  merge.set_name(master.name());
  merge.set_subordinate(subordinate.name());
  ASSERT_TRUE(
      client.Call<sales::v1::MergeLeadsResponse>(service + "Merge" + one + "s", merge).ok());
  EXPECT_EQ(Get<Task>(client, task.name()).body.regarding(), master.name());
  const Record closed = Get<Record>(client, subordinate.name()).body;
  EXPECT_TRUE(closed.merged());
  EXPECT_EQ(closed.master(), master.name());
  EXPECT_EQ(Get<Record>(client, master.name()).body.email(), "ana@example.com");
  sales::v1::UnmergeLeadRequest unmerge;
  unmerge.set_name(subordinate.name());
  ASSERT_TRUE(client.Call<sales::v1::UnmergeLeadResponse>(service + "Unmerge" + one, unmerge).ok());
  EXPECT_EQ(Get<Task>(client, task.name()).body.regarding(), subordinate.name());
  for (Record* before : {&master, &subordinate}) {
    Record after = Get<Record>(client, before->name()).body;
    after.set_etag(before->etag());
    *after.mutable_update_time() = before->update_time();
    EXPECT_TRUE(Equal(after, *before));
  }
}

TEST(Deal, LeadsAndContactsAreMergedAndUnmerged) {
  const Client client(Server::Shared(), "deal-merges");
  Lead lead = NewLead("Ionescu");
  lead.set_email("ana@example.com");
  ExpectMergedAndBack(client, NewLead("Ionescu"), lead, "/crm.sales.v1.Leads/", "Lead");
  Contact contact = NewContact("Ana", "Ionescu");
  contact.set_email("ana@example.com");
  ExpectMergedAndBack(client, NewContact("Ana", "Ionescu"), contact, "/crm.sales.v1.Contacts/",
                      "Contact");
}

TEST(Deal, AccountsAreReparentedAndDeactivated) {
  const Client client(Server::Shared(), "deal-reparent");
  const Account above = Made(client, NewAccount("Above"));
  const Account below = Made(client, NewAccount("Below"));
  sales::v1::ReparentAccountRequest reparent;
  reparent.set_name(below.name());
  reparent.set_parent_account(above.name());
  auto moved = [&] {
    return client.Call<sales::v1::ReparentAccountResponse>("/crm.sales.v1.Accounts/ReparentAccount",
                                                           reparent);
  };
  ASSERT_TRUE(moved().ok());
  EXPECT_EQ(Get<Account>(client, below.name()).body.parent_account(), above.name());
  EXPECT_EQ(History<Account>(client, below.name()).front().event(),
            "crm.sales.v1.account.reparented");
  reparent.set_name(above.name());
  reparent.set_parent_account(below.name());
  EXPECT_EQ(moved().code, grpc::StatusCode::INVALID_ARGUMENT);
  const std::string accounts = "/crm.sales.v1.Accounts/";
  ASSERT_TRUE(Carry(client, accounts + "DeactivateAccount", above.name()).ok());
  Account changed = above;
  changed.set_display_name("Somewhere");
  changed.clear_etag();
  EXPECT_EQ(Update(client, changed, {"display_name"}).reason, "RECORD_INACTIVE");
  ASSERT_TRUE(Carry(client, accounts + "ActivateAccount", above.name()).ok());
  EXPECT_TRUE(Update(client, changed, {"display_name"}).ok());
}

}  // namespace
}  // namespace crm::test
