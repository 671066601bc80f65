#include "tests/conformance/bad_input.h"

// Everything that is wrong with a request is told at once, and once.
namespace crm::test {
namespace {

using testing::Pair;
using testing::UnorderedElementsAre;

TEST_F(BadInput, EverythingAtOnce) {
  Lead lead;
  lead.set_email("nobody");
  lead.set_website("www");
  lead.set_rating(static_cast<Lead::Rating>(77));
  lead.set_number_of_employees(-1);
  lead.set_subject(std::string(301, 'x'));
  lead.mutable_address1()->set_latitude(91);
  lead.set_owner("leads/1");
  sales::v1::CreateLeadRequest request;
  *request.mutable_lead() = lead;
  request.set_lead_id("1");
  request.set_request_id(std::string(129, 'x'));
  const auto refused = client_.Call<Lead>(kCreateLead, request);
  EXPECT_EQ(refused.code, grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(
      refused.faults,
      UnorderedElementsAre(
          Pair("lead.email", "INVALID_FORMAT"), Pair("lead.website", "INVALID_FORMAT"),
          Pair("lead.rating", "UNKNOWN_OPTION"), Pair("lead.number_of_employees", "OUT_OF_RANGE"),
          Pair("lead.subject", "TOO_LONG"), Pair("lead.last_name", "REQUIRED_FIELD"),
          Pair("lead.address1.latitude", "OUT_OF_RANGE"), Pair("lead.owner", "BAD_REFERENCE"),
          Pair("lead_id", "INVALID_FORMAT"), Pair("request_id", "INVALID_FORMAT")));
}

TEST_F(BadInput, EverythingAtOnceOfReads) {
  record::v1::ListRequest list;
  list.set_filter("shoe_size = 42");
  list.set_order_by("last_name sideways");
  list.set_page_size(-1);
  list.set_page_token("forged");
  list.set_view("mine");
  list.mutable_read_mask()->add_paths("nope");
  list.set_min_position("nonsense");
  list.mutable_read_time()->set_seconds(-5);
  EXPECT_THAT(List<Lead>(client_, list).faults,
              UnorderedElementsAre(
                  Pair("filter", "UNKNOWN_FIELD"), Pair("order_by", "INVALID_ORDER"),
                  Pair("page_size", "OUT_OF_RANGE"), Pair("page_token", "INVALID_PAGE_TOKEN"),
                  Pair("view", "INVALID_VALUE"), Pair("read_mask", "UNKNOWN_FIELD"),
                  Pair("min_position", "INVALID_POSITION"), Pair("read_time", "OUT_OF_RANGE")));
  record::v1::GetRequest get;
  get.set_name("leads/1");
  get.set_min_position("nonsense");
  get.mutable_read_mask()->add_paths("nope");
  get.mutable_read_time()->set_seconds(-5);
  const Client confused = client_.With({{"crm-min-position", "x"}, {"crm-consistency", "some"}});
  EXPECT_THAT(
      confused.Call<Lead>(OneOf<Lead>("Get"), get).faults,
      UnorderedElementsAre(
          Pair("name", "BAD_REFERENCE"), Pair("read_mask", "UNKNOWN_FIELD"),
          Pair("min_position", "INVALID_POSITION"), Pair("crm-min-position", "INVALID_POSITION"),
          Pair("crm-consistency", "INVALID_VALUE"), Pair("read_time", "OUT_OF_RANGE")));
}

TEST_F(BadInput, EverythingAtOnceOfCommands) {
  sales::v1::DisqualifyLeadRequest request;
  request.set_name("contacts/" + IdOf(1));
  request.set_comment(std::string(3000, 'x'));
  request.set_status(Lead::STATUS_NEW);
  request.set_request_id("\xc3\xa9");
  EXPECT_THAT(
      client_.Call<sales::v1::DisqualifyLeadResponse>("/crm.sales.v1.Leads/DisqualifyLead", request)
          .faults,
      UnorderedElementsAre(Pair("name", "BAD_REFERENCE"), Pair("comment", "TOO_LONG"),
                           Pair("status", "LEAD_STATUS_NOT_OF_STATE"),
                           Pair("request_id", "INVALID_FORMAT")));
  record::v1::TransitionRequest complete;
  complete.set_name(note_.name());
  complete.set_status("STATUS_CANCELED");
  complete.set_request_id(std::string(200, 'x'));
  EXPECT_THAT(
      client_.Call<record::v1::TransitionResponse>("/crm.activity.v1.Tasks/CompleteTask", complete)
          .faults,
      UnorderedElementsAre(Pair("name", "BAD_REFERENCE"), Pair("status", "UNKNOWN_OPTION"),
                           Pair("request_id", "INVALID_FORMAT")));
  Lead lead = NewLead("Ionescu");
  lead.set_status(Lead::STATUS_LOST);
  lead.set_email("nobody");
  EXPECT_THAT(Create(client_, lead).faults,
              UnorderedElementsAre(Pair("lead.status", "INVALID_TRANSITION"),
                                   Pair("lead.email", "INVALID_FORMAT")));
}

TEST_F(BadInput, EachFieldIsToldOnce) {
  record::v1::GetRequest get;
  get.mutable_read_time()->set_seconds(-(1LL << 62));
  const auto refused = client_.Call<Lead>(OneOf<Lead>("Get"), get);
  EXPECT_THAT(refused.faults,
              UnorderedElementsAre(Pair("name", "REQUIRED_FIELD"), Pair("read_time", testing::_)));
  EXPECT_THAT(refused.message, testing::HasSubstr("(and 1 more)"));
}

}  // namespace
}  // namespace crm::test
