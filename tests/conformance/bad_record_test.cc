#include "tests/conformance/bad_input.h"

// What must not be in a record: a precise error, nothing written, and the server goes on.
namespace crm::test {
namespace {

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

TEST_F(BadInput, TextsOfBlanks) {
  for (const char* blanks : {" ", "\t \n"}) {
    ExpectInvalid(Create(client_, NewLead(blanks)), "lead.last_name", "REQUIRED_FIELD");
    Lead lead;
    lead.set_name(lead_.name());
    lead.set_last_name(blanks);
    ExpectInvalid(Update(client_, lead), "lead.last_name", "REQUIRED_FIELD");
  }
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

}  // namespace
}  // namespace crm::test
