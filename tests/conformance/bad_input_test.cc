#include "tests/conformance/bad_input.h"
#include "crm/sales/v1/opportunity.pb.h"

// Whatever a client sends: a precise error, nothing written, and the server goes on.
namespace crm::test {
namespace {

using testing::Contains;
using testing::Pair;
using testing::UnorderedElementsAre;

TEST_F(BadInput, UnknownMethodsAndTypes) {
  for (const char* path : {"/crm.sales.v1.Leads/CreateWish", "/crm.sales.v1.Wishes/CreateWish",
                           "/Leads", "/crm.sales.v1.Leads/"}) {
    const Outcome outcome = Send(path, "");
    EXPECT_EQ(outcome.code, grpc::StatusCode::UNIMPLEMENTED) << path;
    EXPECT_EQ(outcome.reason, "UNKNOWN_METHOD") << path << ' ' << outcome;
  }
  record::v1::GetRequest get;
  get.set_name("wishes/" + IdOf(1));
  ExpectInvalid(client_.Call<Lead>(OneOf<Lead>("Get"), get), "name", "BAD_REFERENCE");
}

TEST_F(BadInput, MetadataThatSaysTwoThings) {
  const Client two = client_.With({{"crm-tenant", "another"}});
  const auto refused = Get<Lead>(two, lead_.name());
  EXPECT_EQ(refused.code, grpc::StatusCode::UNAUTHENTICATED) << refused;
  EXPECT_EQ(refused.reason, "INVALID_TENANT") << refused;
  ExpectInvalid(Get<Lead>(client_.With({{"crm-service", "nope"}}), lead_.name()), "crm-service",
                "INVALID_VALUE");
}

TEST_F(BadInput, StaleEtagsAndUnknownTransitions) {
  Lead stale;
  stale.set_name(lead_.name());
  stale.set_etag("7");
  stale.set_company_name("Other");
  const auto conflict = Update(client_, stale);
  EXPECT_EQ(conflict.code, grpc::StatusCode::ABORTED);
  EXPECT_EQ(conflict.reason, "VERSION_CONFLICT");
  EXPECT_THAT(conflict.facts, Contains(Pair("current", "1")));
  Lead lead;
  lead.set_name(lead_.name());
  lead.set_status(Lead::STATUS_QUALIFIED);
  ExpectInvalid(Update(client_, lead), "lead.status", "INVALID_TRANSITION");
  sales::v1::ReactivateLeadRequest reactivate;
  reactivate.set_name(lead_.name());
  const auto open = client_.Call<sales::v1::ReactivateLeadResponse>(
      "/crm.sales.v1.Leads/ReactivateLead", reactivate);
  EXPECT_EQ(open.code, grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(open.reason, "LEAD_ALREADY_OPEN");
  sales::v1::DisqualifyLeadRequest disqualify;
  disqualify.set_name(lead_.name());
  disqualify.set_etag("2");
  const std::string path = "/crm.sales.v1.Leads/DisqualifyLead";
  EXPECT_EQ(client_.Call<sales::v1::DisqualifyLeadResponse>(path, disqualify).reason,
            "VERSION_CONFLICT");
  // What the request itself shows is told whatever the record is like.
  disqualify.set_status(Lead::STATUS_NEW);
  EXPECT_EQ(client_.Call<sales::v1::DisqualifyLeadResponse>(path, disqualify).reason,
            "LEAD_STATUS_NOT_OF_STATE");
  sales::v1::LoseOpportunityRequest lose;
  lose.set_name("opportunities/" + IdOf(404));
  lose.set_status(sales::v1::Opportunity::STATUS_WON);
  ExpectInvalid(client_.Call<sales::v1::LoseOpportunityResponse>(
                    "/crm.sales.v1.Opportunities/LoseOpportunity", lose),
                "status", "OPPORTUNITY_STATUS_NOT_OF_STATE");
  disqualify.set_status(static_cast<Lead::Status>(99));
  disqualify.set_comment(std::string(2001, 'x'));
  EXPECT_THAT(client_.Call<sales::v1::DisqualifyLeadResponse>(path, disqualify).faults,
              UnorderedElementsAre(Pair("status", "UNKNOWN_OPTION"), Pair("comment", "TOO_LONG")));
}

TEST_F(BadInput, ForgedPageTokens) {
  record::v1::ListRequest request;
  request.set_page_token("Zm9yZ2VkIHRva2VuIHRoYXQgaXMgbG9uZyBlbm91Z2g");
  ExpectInvalid(List<Lead>(client_, request), "page_token", "INVALID_PAGE_TOKEN");
}

TEST_F(BadInput, OversizeMessages) {
  Lead lead = NewLead("Ionescu");
  lead.set_description(std::string(5 << 20, 'x'));
  const auto refused = Create(client_, lead);
  EXPECT_EQ(refused.code, grpc::StatusCode::RESOURCE_EXHAUSTED) << refused;
  EXPECT_EQ(refused.reason, "REQUEST_TOO_LARGE") << refused;
  EXPECT_THAT(refused.message, testing::HasSubstr(std::to_string(4 << 20))) << "names the limit";
  // So long that gRPC takes no more of it.
  lead.set_description(std::string(20 << 20, 'x'));
  EXPECT_EQ(Create(client_, lead).code, grpc::StatusCode::RESOURCE_EXHAUSTED);
  // Within the limit of a message, and too long for the field.
  lead.set_description(std::string(2 << 20, 'x'));
  ExpectInvalid(Create(client_, lead), "lead.description", "TOO_LONG");
  // Fields without a limit of their own are held by that of the record.
  lead.clear_description();
  for (int i = 0; i < 300; ++i)
    (*lead.mutable_custom())["field_" + std::to_string(i)].set_text(std::string(1000, 'x'));
  const auto large = Create(client_, lead);
  EXPECT_EQ(large.code, grpc::StatusCode::INVALID_ARGUMENT) << large;
  EXPECT_EQ(large.reason, "RECORD_TOO_LARGE") << large;
}

TEST_F(BadInput, MalformedProtobuf) {
  for (const std::string& bytes :
       {std::string("\x0a\xff\xff\xff\xff\x0f", 6), std::string("\x0a\x7fxx", 4),
        std::string("\x0b", 1), std::string("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 11),
        std::string("\x0a\x02\x82\x01", 4)}) {
    for (const std::string& path :
         {std::string(kCreateLead), OneOf<Lead>("Get"), ManyOf<Lead>("List"),
          ManyOf<Lead>("BatchCreate"), OneOf<Lead>("Disqualify"), OneOf<Lead>("Delete"),
          std::string("/crm.record.v1.Records/CreateRecord")}) {
      const Outcome outcome = Send(path, bytes);
      EXPECT_EQ(outcome.code, grpc::StatusCode::INVALID_ARGUMENT) << path << ' ' << outcome;
      EXPECT_NE(outcome.reason, "") << path;
    }
  }
  // A text that is no UTF-8.
  Lead lead = NewLead("Ionescu");
  lead.set_company_name("\xc3\x28");
  const auto refused = Create(client_, lead);
  EXPECT_EQ(refused.code, grpc::StatusCode::INVALID_ARGUMENT) << refused;
  EXPECT_EQ(refused.reason, "MALFORMED_REQUEST") << refused;
}

TEST_F(BadInput, WhoIsMissingOrNobody) {
  const std::string bytes =
      RequestFor<sales::v1::CreateLeadRequest>(NewLead("X")).SerializeAsString();
  const std::string user = "ana@example.com";
  const std::vector<std::pair<Metadata, std::string>> callers = {
      {{{"crm-user", user}}, "MISSING_TENANT"},
      {{{"crm-tenant", tenant_}}, "MISSING_USER"},
      {{}, "MISSING_TENANT"},
      {{{"crm-tenant", "Not A Tenant"}, {"crm-user", user}}, "INVALID_TENANT"},
      {{{"crm-tenant", std::string(64, 'a')}, {"crm-user", user}}, "INVALID_TENANT"},
      {{{"crm-tenant", tenant_}, {"crm-user", "leads/" + IdOf(1)}}, "INVALID_USER"},
      {{{"crm-tenant", tenant_}, {"crm-user", user}, {"crm-client", std::string(33, 'a')}},
       "INVALID_CLIENT"}};
  for (const auto& [metadata, reason] : callers) {
    const Client caller(Server::Shared(), metadata);
    std::string response;
    for (const std::string& path : {std::string(kCreateLead), OneOf<Lead>("Get"),
                                    std::string("/crm.record.v1.Verification/Verify")}) {
      const Outcome outcome = caller.CallBytes(path, bytes, &response);
      EXPECT_EQ(outcome.code, grpc::StatusCode::UNAUTHENTICATED) << path;
      EXPECT_EQ(outcome.reason, reason) << path << ' ' << outcome;
    }
    Stream watch(caller.channel(), ManyOf<Lead>("Watch"), "", caller.metadata());
    sales::v1::LeadChange none;
    EXPECT_FALSE(watch.Next(&none));
    EXPECT_EQ(watch.Finish().reason, reason);
  }
}

TEST_F(BadInput, RequestIdsUsedForSomethingElse) {
  const auto created = Create(client_, NewLead("First"), "id-1");
  ASSERT_TRUE(created.ok()) << created;
  Remember();
  const auto refused = Create(client_, NewLead("Second"), "id-1");
  ExpectInvalid(refused, "request_id", "REQUEST_ID_REUSED");
  EXPECT_EQ(Delete<Lead>(client_, created.body.name(), false, "id-1").reason, "REQUEST_ID_REUSED");
  ExpectInvalid(Create(client_, NewLead("Third"), "not printable: \n"), "request_id",
                "INVALID_FORMAT");
}

// A refused command has not used its request id up.
TEST_F(BadInput, RefusalsAreDecidedAnew) {
  const std::string id = "later";
  Note note = NewNote("leads/" + IdOf(31), "Too early");
  EXPECT_EQ(Create(client_, note, id).reason, "BAD_REFERENCE");
  sales::v1::CreateLeadRequest request;
  *request.mutable_lead() = NewLead("Late");
  request.set_lead_id(IdOf(31));
  ASSERT_TRUE(client_.Call<Lead>(kCreateLead, request).ok());
  const auto created = Create(client_, note, id);
  EXPECT_TRUE(created.ok()) << created;
  Remember();
  EXPECT_TRUE(Equal(Create(client_, note, id).body, created.body));
}

}  // namespace
}  // namespace crm::test
