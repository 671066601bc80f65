#include <gmock/gmock.h>

#include "tests/server/sales_records.h"

// The organization's own maps say which fields go from a lead to what is made of it.
namespace crm::test {
namespace {

using sales::v1::QualifyLeadRequest;
using sales::v1::QualifyLeadResponse;
using testing::ElementsAre;
using testing::Pair;

using Pairs = std::vector<std::pair<std::string, std::string>>;

// To opportunities.
AttributeMap NewMap(const Pairs& pairs) {
  AttributeMap map;
  map.set_source_type("leads");
  map.set_target_type("opportunities");
  for (const auto& [from, to] : pairs) {
    map.add_pairs()->set_source_field(from);
    map.mutable_pairs()->rbegin()->set_target_field(to);
  }
  return map;
}

Answer<QualifyLeadResponse> Qualify(const Client& client, const Lead& lead) {
  QualifyLeadRequest request;
  request.set_name(lead.name());
  request.set_create_account(true);
  request.set_create_contact(true);
  request.set_create_opportunity(true);
  request.set_opportunity_currency("EUR");
  return client.Call<QualifyLeadResponse>("/crm.sales.v1.Leads/QualifyLead", request);
}

Lead Described(const std::string& description) {
  Lead lead = NewLead("Ionescu", "40 bicycles");
  lead.set_company_name("Velo");
  lead.set_description(description);
  return lead;
}

// Dynamics cuts nothing off, either: the target is refused, and nothing is made.
TEST(AttributeMaps, ATextThatDoesNotFitIsRefused) {
  const Client client(Server::Shared(), "map-text");
  Made(client, NewMap({{"description", "display_name"}}));
  const std::string longest(300, 'x');
  for (const auto& [text, reason] : Pairs{
           {longest + "x", "TOO_LONG"}, {"two\nlines", "INVALID_FORMAT"}, {"", "REQUIRED_FIELD"}}) {
    const Lead lead = Made(client, Described(text));
    const auto before = Verify(client);
    const auto refused = Qualify(client, lead);
    EXPECT_EQ(refused.code, grpc::StatusCode::INVALID_ARGUMENT) << refused;
    EXPECT_THAT(refused.faults, ElementsAre(Pair("opportunity.display_name", reason))) << refused;
    EXPECT_EQ(Verify(client), before);
  }
  const auto done = Qualify(client, Made(client, Described(longest)));
  ASSERT_TRUE(done.ok()) << done;
  EXPECT_EQ(Get<Opportunity>(client, done.body.opportunity()).body.display_name(), longest);
}

TEST(AttributeMaps, ATextThatIsNoNameOfARecordIsRefused) {
  const Client client(Server::Shared(), "map-reference");
  Made(client, NewMap({{"subject", "display_name"}, {"description", "campaign"}}));
  const auto refused = Qualify(client, Made(client, Described("spring")));
  EXPECT_THAT(refused.faults, ElementsAre(Pair("opportunity.campaign", "BAD_REFERENCE")))
      << refused;
}

// Each type has sets of options of its own, some of them with the same ones.
TEST(AttributeMaps, OptionsGoOver) {
  const Client client(Server::Shared(), "map-options");
  Lead lead = Described("");
  lead.set_rating(Lead::RATING_HOT);
  lead.set_lead_source(Lead::SOURCE_PARTNER);
  const auto done = Qualify(client, Made(client, lead));
  ASSERT_TRUE(done.ok()) << done;
  EXPECT_EQ(Get<Opportunity>(client, done.body.opportunity()).body.rating(),
            Opportunity::RATING_HOT);
  EXPECT_EQ(Get<Contact>(client, done.body.contact()).body.lead_source(),
            Contact::LEAD_SOURCE_PARTNER);
}

// Other options, lists of a tenant's own fields, and what the server fills.
TEST(AttributeMaps, FieldsOfAnotherKindArePassedOver) {
  const Client client(Server::Shared(), "map-kinds");
  Made(client, NewMap({{"subject", "display_name"},
                       {"industry", "rating"},
                       {"description", "close_probability"},
                       {"custom", "description"},
                       {"subject", "custom"},
                       {"description", "etag"},
                       {"full_name", "update_user"},
                       {"nothing", "description"}}));
  Lead lead = Described("spring");
  lead.set_industry(type::v1::INDUSTRY_VEHICLE_RETAIL);
  (*lead.mutable_custom())["colour"].set_text("red");
  const auto done = Qualify(client, Made(client, lead));
  ASSERT_TRUE(done.ok()) << done;
  const Opportunity made = Get<Opportunity>(client, done.body.opportunity()).body;
  EXPECT_EQ(made.display_name(), "40 bicycles");
  EXPECT_EQ(made.description(), "");
  EXPECT_EQ(made.close_probability(), 0);
  EXPECT_TRUE(made.custom().empty());
  EXPECT_EQ(made.etag(), "1");
  EXPECT_EQ(made.rating(), Opportunity::RATING_WARM);  // what it has when nobody says anything
}

}  // namespace
}  // namespace crm::test
