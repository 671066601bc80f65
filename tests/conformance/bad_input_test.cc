#include <gmock/gmock.h>

#include <cctype>

#include "crm/sales/v1/lead.pb.h"
#include "crm/sales/v1/opportunity.pb.h"
#include "tests/server/filled.h"
#include "tests/server/records.h"

// Whatever a client sends: a precise error, nothing written, and the server goes on.
namespace crm::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

constexpr char kCreateLead[] = "/crm.sales.v1.Leads/CreateLead";

// A tenant with a few records. At the end of each test it has to have what it had at the beginning,
// and the server has to serve.
class BadInput : public testing::Test {
 protected:
  void SetUp() override {
    lead_ = Create(client_, FullLead(1)).body;
    note_ = Create(client_, FullNote(lead_.name(), 2)).body;
    ASSERT_NE(note_.name(), "");
    Remember();
  }
  void TearDown() override {
    EXPECT_EQ(Verify(client_), before_);
    EXPECT_EQ(Position(), position_);
    EXPECT_TRUE(Server::Shared().IsRunning());
    EXPECT_TRUE(Create(client_, NewLead("Alive")).ok());
  }

  // After something that was meant to be written.
  void Remember() {
    before_ = Verify(client_);
    position_ = Position();
  }
  // Where the partition stands: even an event without an effect would move it.
  std::string Position() const { return Get<Lead>(client_, lead_.name()).position(); }

  Outcome Send(const std::string& path, const std::string& bytes) const {
    std::string response;
    return client_.CallBytes(path, bytes, &response);
  }
  void ExpectInvalid(const Outcome& outcome, const std::string& field, const std::string& reason) {
    EXPECT_EQ(outcome.code, grpc::StatusCode::INVALID_ARGUMENT) << outcome;
    EXPECT_EQ(outcome.reason, reason) << outcome;
    EXPECT_THAT(outcome.faults, ElementsAre(Pair(field, reason))) << outcome;
  }

  static std::string TenantOfThisTest() {
    std::string tenant = "bad-";
    for (const char letter :
         std::string(testing::UnitTest::GetInstance()->current_test_info()->name()))
      tenant.push_back(static_cast<char>(std::tolower(letter)));
    return tenant;
  }

  const std::string tenant_ = TenantOfThisTest();
  const Client client_{Server::Shared(), tenant_};
  Lead lead_;
  Note note_;
  std::map<std::string, std::string> before_;
  std::string position_;
};

TEST_F(BadInput, UnknownFieldsOfClients) {
  sales::v1::CreateLeadRequest request;
  *request.mutable_lead() = FullLead(3);
  auto* nested = request.mutable_lead()->mutable_address1();
  nested->GetReflection()->MutableUnknownFields(nested)->AddLengthDelimited(999, "x");
  ExpectInvalid(client_.Call<Lead>(kCreateLead, request), "lead.address1.999", "UNKNOWN_FIELD");
  *request.mutable_lead() = FullLead(3);
  request.GetReflection()->MutableUnknownFields(&request)->AddVarint(99, 1);
  ExpectInvalid(client_.Call<Lead>(kCreateLead, request), "99", "UNKNOWN_FIELD");
  record::v1::GetRequest get;
  get.set_name(lead_.name());
  get.GetReflection()->MutableUnknownFields(&get)->AddVarint(99, 1);
  ExpectInvalid(client_.Call<Lead>(OneOf<Lead>("Get"), get), "99", "UNKNOWN_FIELD");
  Lead update;
  update.set_name(lead_.name());
  ExpectInvalid(Update(client_, update, {"shoe_size"}), "update_mask", "UNKNOWN_FIELD");
}

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

TEST_F(BadInput, WrongAndDeadReferences) {
  Note note = NewNote("wishes/" + IdOf(1), "Text");
  ExpectInvalid(Create(client_, note), "note.regarding", "BAD_REFERENCE");
  note.set_regarding(note_.name());
  ExpectInvalid(Create(client_, note), "note.regarding", "BAD_REFERENCE");
  note.set_regarding("leads/" + IdOf(404));
  ExpectInvalid(Create(client_, note), "note.regarding", "BAD_REFERENCE");
  Lead lead = NewLead("Ionescu");
  lead.set_owner(lead_.name());
  ExpectInvalid(Create(client_, lead), "lead.owner", "BAD_REFERENCE");
  lead.set_owner("ana@example.com");
  ExpectInvalid(Create(client_, lead), "lead.owner", "BAD_REFERENCE");
}

// What a tenant's own fields refer to must exist, too, and stays when it goes.
TEST_F(BadInput, DeadReferencesInATenantsOwnFields) {
  const auto referring = [](const std::string& name) {
    Lead lead = NewLead("Ionescu");
    (*lead.mutable_custom())["friend"].set_reference(name);
    return lead;
  };
  const std::string path = "lead.custom.friend.reference";
  ExpectInvalid(Create(client_, referring("leads/" + IdOf(404))), path, "BAD_REFERENCE");
  ExpectInvalid(Create(client_, referring("wishes/" + IdOf(1))), path, "BAD_REFERENCE");
  auto made = Create(client_, referring(note_.name()));
  ASSERT_TRUE(made.ok()) << made;
  Lead update;
  update.set_name(made.body.name());
  (*update.mutable_custom())["friend"].set_reference("leads/" + IdOf(404));
  Remember();
  ExpectInvalid(Update(client_, update), path, "BAD_REFERENCE");
  ASSERT_TRUE(Delete<Note>(client_, note_.name()).ok());
  Remember();
  ExpectInvalid(Create(client_, referring(note_.name())), path, "BAD_REFERENCE");
  made.body.clear_etag();
  made.body.set_subject("Changed");
  EXPECT_TRUE(Update(client_, made.body).ok());
  Remember();
}

// U+202E shows what follows backwards.
TEST_F(BadInput, CharactersThatNoTextMayHave) {
  const std::string nul(1, '\0');
  for (const std::string& character :
       {nul, std::string("\t"), std::string("\n"), std::string("\x7f"), std::string("\u0085"),
        std::string("\u202e")}) {
    ExpectInvalid(Create(client_, NewLead("Io" + character + "nescu")), "lead.last_name",
                  "INVALID_FORMAT");
    Lead lead;
    lead.set_name(lead_.name());
    lead.mutable_address1()->set_city("Cl" + character + "uj");
    ExpectInvalid(Update(client_, lead), "lead.address1.city", "INVALID_FORMAT");
  }
  sales::v1::DisqualifyLeadRequest disqualify;
  disqualify.set_name(lead_.name());
  disqualify.set_comment("No" + nul);
  ExpectInvalid(client_.Call<sales::v1::DisqualifyLeadResponse>(
                    "/crm.sales.v1.Leads/DisqualifyLead", disqualify),
                "comment", "INVALID_FORMAT");
  Lead lead = NewLead("Ionescu");
  (*lead.mutable_custom())["remark"].set_text(nul);
  ExpectInvalid(Create(client_, lead), "lead.custom.remark.text", "INVALID_FORMAT");
  lead.clear_custom();
  lead.set_description("a\x1b[31m");
  ExpectInvalid(Create(client_, lead), "lead.description", "INVALID_FORMAT");
  // Longer texts have lines, and may be written from right to left and back.
  lead.set_description("one\r\n\ttwo \u202bשלום\u202c");
  EXPECT_TRUE(Create(client_, lead).ok());
  // Marks by which letters join, and those of a single direction, belong to names.
  EXPECT_TRUE(Create(client_, NewLead("שלום\u200f נ\u200dת")).ok());
  Remember();
}

TEST_F(BadInput, TextsCurrenciesAndOptions) {
  Lead lead = NewLead(std::string(51, 'x'));
  ExpectInvalid(Create(client_, lead), "lead.last_name", "TOO_LONG");
  lead = NewLead("Ionescu");
  lead.set_email("ana at example.com");
  ExpectInvalid(Create(client_, lead), "lead.email", "INVALID_FORMAT");
  lead = NewLead("Ionescu");
  lead.set_currency("EURO");
  ExpectInvalid(Create(client_, lead), "lead.currency", "TOO_LONG");
  lead.set_currency("eur");
  ExpectInvalid(Create(client_, lead), "lead.currency", "INVALID_FORMAT");
  lead.set_currency("EUR");
  lead.mutable_revenue()->set_currency_code("RON");
  lead.mutable_revenue()->set_units(1);
  EXPECT_EQ(Create(client_, lead).reason, "CURRENCY_MISMATCH");
  lead = NewLead("Ionescu");
  lead.set_rating(static_cast<Lead::Rating>(77));
  ExpectInvalid(Create(client_, lead), "lead.rating", "UNKNOWN_OPTION");
  lead = NewLead("Ionescu");
  (*lead.mutable_custom())["Not A Name"].set_text("x");
  EXPECT_EQ(Create(client_, lead).code, grpc::StatusCode::INVALID_ARGUMENT);
}

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

TEST_F(BadInput, TextsOfBlanks) {
  for (const char* blanks : {" ", "\t \n"}) {
    ExpectInvalid(Create(client_, NewLead(blanks)), "lead.last_name", "REQUIRED_FIELD");
    Lead lead;
    lead.set_name(lead_.name());
    lead.set_last_name(blanks);
    ExpectInvalid(Update(client_, lead), "lead.last_name", "REQUIRED_FIELD");
  }
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
