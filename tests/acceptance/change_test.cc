#include <gmock/gmock.h>

#include "tests/server/filled.h"
#include "tests/server/records.h"

// What is known about changes, and what keeps them from going wrong.
namespace crm::test {
namespace {

using record::v1::Change;
using record::v1::FieldChange;
using testing::ElementsAre;
using testing::Pair;

constexpr char kAna[] = "users/01920000-0000-7000-8000-0000000000a1";
constexpr char kRadu[] = "users/01920000-0000-7000-8000-0000000000b2";

std::vector<std::string> PathsOf(const Change& change) {
  std::vector<std::string> paths;
  for (const FieldChange& field : change.fields()) paths.push_back(field.path());
  return paths;
}

// | 167 | PF | Auditing | G update W history T field old/new, who, when, client |
TEST(Acceptance, R167_HistoryTellsWhoChangedWhatFromWhat) {
  const Client ana(Server::Shared(), "r167", kAna);
  const Client radu = Client(Server::Shared(), "r167", kRadu).With({{"crm-client", "outlook"}});
  Lead lead = NewLead("Ionescu");
  lead.set_company_name("Carpatica");
  lead.mutable_address1()->set_city("Brașov");
  const auto created = Create(ana, lead);
  ASSERT_TRUE(created.ok()) << created;
  Lead changed = created.body;
  changed.set_company_name("Carpatica Mobili");
  changed.mutable_address1()->set_city("Cluj");
  changed.set_rating(Lead::RATING_HOT);
  changed.set_number_of_employees(40);
  (*changed.mutable_custom())["shoe_size"].set_integer(43);
  const auto updated = Update(
      radu, changed, {"company_name", "address1.city", "rating", "number_of_employees", "custom"});
  ASSERT_TRUE(updated.ok()) << updated;

  const std::vector<Change> history = History<Lead>(ana, created.body.name());
  ASSERT_EQ(history.size(), 2u);
  const Change& change = history[0];
  EXPECT_EQ(change.event(), "crm.sales.v1.lead.updated");
  EXPECT_EQ(change.user(), kRadu);
  EXPECT_EQ(change.client(), "outlook");
  EXPECT_EQ(change.name(), created.body.name());
  EXPECT_EQ(change.etag(), "2");
  EXPECT_EQ(change.position(), updated.position());
  EXPECT_TRUE(Equal(change.time(), updated.body.update_time()));
  ASSERT_THAT(PathsOf(change), ElementsAre("custom.shoe_size", "company_name", "rating",
                                           "number_of_employees", "address1.city"));
  EXPECT_FALSE(change.fields(0).has_from());
  EXPECT_EQ(change.fields(0).to().integer(), 43);
  EXPECT_EQ(change.fields(1).from().text(), "Carpatica");
  EXPECT_EQ(change.fields(1).to().text(), "Carpatica Mobili");
  EXPECT_EQ(change.fields(2).from().option(), "RATING_WARM");
  EXPECT_EQ(change.fields(2).to().option(), "RATING_HOT");
  EXPECT_EQ(change.fields(3).to().integer(), 40);
  EXPECT_EQ(change.fields(4).from().text(), "Brașov");
  EXPECT_EQ(change.fields(4).to().text(), "Cluj");
  EXPECT_EQ(history[1].event(), "crm.sales.v1.lead.created");
  EXPECT_EQ(history[1].user(), kAna);
  EXPECT_EQ(history[1].client(), "api");
  EXPECT_TRUE(Equal(history[1].time(), created.body.create_time()));
  // The history is about changes, and asking for it is none.
  EXPECT_EQ(ChangesAfter(ana, "0").size(), 2u);
}

// | 170 | PF | Optimistic concurrency | G version 3 W update expecting 2 T ABORTED with current |
TEST(Acceptance, R170_StaleVersionIsRefused) {
  const Client client(Server::Shared(), "r170");
  Lead lead = Create(client, NewLead("Ionescu")).body;
  for (const char* company : {"First", "Second"}) {
    lead.set_company_name(company);
    const auto updated = Update(client, lead, {"company_name"});
    ASSERT_TRUE(updated.ok()) << updated;
    lead = updated.body;
  }
  ASSERT_EQ(lead.etag(), "3");
  const auto before = Verify(client);
  Lead stale = lead;
  stale.set_etag("2");
  stale.set_company_name("Third");
  const auto refused = Update(client, stale, {"company_name"});
  EXPECT_EQ(refused.code, grpc::StatusCode::ABORTED);
  EXPECT_EQ(refused.reason, "VERSION_CONFLICT") << refused;
  EXPECT_THAT(refused.facts, ElementsAre(Pair("current", "3"), Pair("name", lead.name())));
  EXPECT_EQ(Verify(client), before);
  EXPECT_TRUE(Equal(Get<Lead>(client, lead.name()).body, lead));
  EXPECT_EQ(History<Lead>(client, lead.name()).size(), 3u);

  stale.set_etag("3");
  const auto updated = Update(client, stale, {"company_name"});
  ASSERT_TRUE(updated.ok()) << updated;
  EXPECT_EQ(updated.body.etag(), "4");
  EXPECT_EQ(updated.body.company_name(), "Third");
}

// Sends the same thing twice, and expects the first answer and nothing written.
template <class Response>
Answer<Response> Twice(const Client& client, const std::string& path,
                       const google::protobuf::Message& request) {
  const auto first = client.Call<Response>(path, request);
  EXPECT_TRUE(first.ok()) << first;
  const auto written = Verify(client);
  const auto second = client.Call<Response>(path, request);
  EXPECT_TRUE(second.ok()) << second;
  EXPECT_TRUE(Equal(first.body, second.body));
  EXPECT_EQ(first.position(), second.position());
  EXPECT_EQ(Verify(client), written) << path;
  return first;
}

// | 171 | PF | Idempotent commands | G key used W resend T same answer, no new event |
TEST(Acceptance, R171_ResentCommandsActOnce) {
  const Client client(Server::Shared(), "r171");
  auto create = RequestFor<sales::v1::CreateLeadRequest>(FullLead(1));
  create.set_request_id("create-1");
  const auto lead = Twice<Lead>(client, OneOf<Lead>("Create"), create);

  sales::v1::UpdateLeadRequest update;
  update.mutable_lead()->set_name(lead.body.name());
  update.mutable_lead()->set_company_name("Carpatica Mobili");
  update.set_request_id("update-1");
  Twice<Lead>(client, OneOf<Lead>("Update"), update);

  sales::v1::BatchCreateLeadsRequest batch;
  for (int i = 0; i < 3; ++i) *batch.add_requests()->mutable_lead() = FullLead(i);
  batch.set_request_id("batch-1");
  Twice<sales::v1::BatchLeadsResponse>(client, ManyOf<Lead>("BatchCreate"), batch);

  sales::v1::DisqualifyLeadRequest disqualify;
  disqualify.set_name(lead.body.name());
  disqualify.set_request_id("disqualify-1");
  Twice<sales::v1::DisqualifyLeadResponse>(client, OneOf<Lead>("Disqualify"), disqualify);

  record::v1::DeleteRequest remove;
  remove.set_name(lead.body.name());
  remove.set_request_id("delete-1");
  Twice<record::v1::DeleteResponse>(client, OneOf<Lead>("Delete"), remove);

  record::v1::NameRequest undelete;
  undelete.set_name(lead.body.name());
  undelete.set_request_id("undelete-1");
  Twice<Lead>(client, OneOf<Lead>("Undelete"), undelete);

  // The first answers stay what they were, whatever happened since.
  const auto repeated = client.Call<Lead>(OneOf<Lead>("Create"), create);
  ASSERT_TRUE(repeated.ok()) << repeated;
  EXPECT_TRUE(Equal(repeated.body, lead.body));
  EXPECT_EQ(Count<Lead>(client), 4);
  EXPECT_EQ(ChangesAfter(client, "0").leads.size(), 8u);
}

// | 171 | as above |: with another content the id is refused, and with none nothing is repeated.
TEST(Acceptance, R171_RequestIdsBelongToOneContent) {
  const Client client(Server::Shared(), "r171-reused");
  ASSERT_TRUE(Create(client, NewLead("Ionescu"), "request-1").ok());
  const auto before = Verify(client);
  const auto refused = Create(client, NewLead("Popescu"), "request-1");
  EXPECT_EQ(refused.code, grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(refused.reason, "REQUEST_ID_REUSED") << refused;
  const Client radu(Server::Shared(), "r171-reused", "radu@example.com");
  EXPECT_EQ(Create(radu, NewLead("Ionescu"), "request-1").reason, "REQUEST_ID_REUSED");
  EXPECT_EQ(Verify(client), before);
  ASSERT_TRUE(Create(client, NewLead("Ionescu")).ok());
  ASSERT_TRUE(Create(client, NewLead("Ionescu")).ok());
  EXPECT_EQ(Count<Lead>(client), 3);
  // Another tenant knows nothing of it.
  const Client elsewhere(Server::Shared(), "r171-elsewhere");
  EXPECT_TRUE(Create(elsewhere, NewLead("Popescu"), "request-1").ok());
}

}  // namespace
}  // namespace crm::test
