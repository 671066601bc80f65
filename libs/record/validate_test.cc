#include "libs/record/validate.h"

#include <gtest/gtest.h>

#include <limits>

#include "crm/activity/v1/note.pb.h"
#include "crm/activity/v1/task.pb.h"
#include "crm/identity/v1/tenant.pb.h"
#include "crm/sales/v1/lead.pb.h"
#include "libs/record/built_in.h"
#include "libs/record/image.h"

namespace crm::record {
namespace {

using crm::sales::v1::Lead;

constexpr char kUser[] = "users/0192f0c4-89ab-7def-8123-456789abcdef";
constexpr char kLead[] = "leads/0192f0c4-89ab-7def-8123-456789abcdef";

const MessageType& Type(const std::string& full_name) {
  static const auto catalogue = BuiltInCatalogue();
  return *(*catalogue)->FindMessage(full_name);
}

std::string Image(const google::protobuf::Message& message) {
  return *Normalise(Type(message.GetDescriptor()->full_name()), message.SerializeAsString());
}

Lead Good() {
  Lead lead;
  lead.set_subject("Tablets");
  lead.set_last_name("Ionescu");
  lead.set_owner(kUser);
  lead.set_email("a@b.co");
  lead.set_telephone1("(208) 770-1073");
  lead.mutable_address1()->set_latitude(47.1);
  lead.mutable_revenue()->set_currency_code("EUR");
  lead.mutable_revenue()->set_units(-5);
  lead.mutable_revenue()->set_nanos(-500'000);
  lead.set_currency("EUR");
  lead.mutable_estimated_close_date()->set_year(2024);
  lead.mutable_estimated_close_date()->set_month(2);
  lead.mutable_estimated_close_date()->set_day(29);
  (*lead.mutable_custom())["shoe_size"].set_integer(42);
  return lead;
}

// `path REASON` of each violation.
std::vector<std::string> Wrong(const google::protobuf::Message& record) {
  std::vector<std::string> wrong;
  for (const auto& violation :
       Validate(Type(record.GetDescriptor()->full_name()), Image(record), "lead.")) {
    wrong.push_back(violation.path + " " + violation.reason);
    EXPECT_FALSE(violation.description.empty());
  }
  return wrong;
}

template <class Change>
std::vector<std::string> WrongAfter(Change change) {
  Lead lead = Good();
  change(&lead);
  return Wrong(lead);
}

using Texts = std::vector<std::string>;

TEST(Validate, AcceptsAGoodLead) { EXPECT_EQ(Wrong(Good()), Texts{}); }

TEST(Validate, ReportsEverythingAtOnce) {
  Lead lead = Good();
  lead.clear_subject();
  lead.clear_last_name();
  lead.set_company_name(std::string(101, 'x'));
  lead.set_rating(static_cast<Lead::Rating>(99));
  lead.set_email("nobody");
  lead.mutable_address1()->set_latitude(91);
  EXPECT_EQ(Wrong(lead),
            (Texts{"lead.subject REQUIRED_FIELD", "lead.company_name TOO_LONG",
                   "lead.rating UNKNOWN_OPTION", "lead.last_name REQUIRED_FIELD",
                   "lead.email INVALID_FORMAT", "lead.address1.latitude OUT_OF_RANGE"}));
}

TEST(Validate, CountsCodePointsAndNamesTheLimit) {
  EXPECT_EQ(WrongAfter([](Lead* lead) {
              std::string name;
              for (int i = 0; i < 50; ++i) name += "ș";
              lead->set_last_name(name);
            }),
            Texts{});
  Lead lead = Good();
  lead.set_subject(std::string(311, 'x') + "ș");
  auto violations = Validate(Type("crm.sales.v1.Lead"), Image(lead), "lead.");
  ASSERT_EQ(violations.size(), 1u);
  EXPECT_EQ(violations[0].description, "at most 300 characters, has 312");
}

TEST(Validate, TextsHaveOneLineUnlessTheyAreDeclaredOtherwise) {
  EXPECT_EQ(WrongAfter([](Lead* lead) { lead->set_description("a\nb"); }), Texts{});
  EXPECT_EQ(WrongAfter([](Lead* lead) { (*lead->mutable_custom())["a"].set_text("a\nb"); }),
            Texts{});
  EXPECT_EQ(WrongAfter([](Lead* lead) { lead->set_subject("a\nb"); }),
            Texts{"lead.subject INVALID_FORMAT"});
  activity::v1::Note note;
  note.set_regarding(kLead);
  note.set_subject("a\nb");
  note.set_text("a\nb");
  EXPECT_EQ(Wrong(note), Texts{"lead.subject INVALID_FORMAT"});
}

TEST(Validate, References) {
  EXPECT_EQ(WrongAfter([](Lead* lead) { lead->set_owner("me"); }),
            Texts{"lead.owner BAD_REFERENCE"});
  EXPECT_EQ(WrongAfter([](Lead* lead) { lead->set_owner(kLead); }),
            Texts{"lead.owner BAD_REFERENCE"});
  crm::activity::v1::Task task;
  task.set_subject("call");
  task.set_regarding(kLead);
  EXPECT_EQ(Wrong(task), Texts{});
  task.set_regarding("leads/1");
  EXPECT_EQ(Wrong(task), Texts{"lead.regarding BAD_REFERENCE"});
}

TEST(Validate, MoneyHasFourDecimalsOneSignAndOneCurrency) {
  EXPECT_EQ(WrongAfter([](Lead* lead) { lead->mutable_revenue()->set_nanos(-1); }),
            Texts{"lead.revenue.nanos INVALID_VALUE"});
  EXPECT_EQ(WrongAfter([](Lead* lead) { lead->mutable_revenue()->set_nanos(100'000); }),
            Texts{"lead.revenue.nanos INVALID_VALUE"});
  EXPECT_EQ(WrongAfter([](Lead* lead) { lead->mutable_revenue()->set_currency_code("euro"); }),
            Texts{"lead.revenue.currency_code INVALID_FORMAT"});
  EXPECT_EQ(WrongAfter([](Lead* lead) { lead->mutable_revenue()->clear_currency_code(); }),
            Texts{"lead.revenue.currency_code REQUIRED_FIELD"});
  EXPECT_EQ(WrongAfter([](Lead* lead) { lead->set_currency("USD"); }),
            Texts{"lead.currency CURRENCY_MISMATCH"});
  EXPECT_EQ(WrongAfter([](Lead* lead) { lead->mutable_budget_amount()->set_currency_code("USD"); }),
            Texts{"lead.budget_amount.currency_code CURRENCY_MISMATCH"});
}

TEST(Validate, TimesDatesAndNumbers) {
  EXPECT_EQ(WrongAfter([](Lead* lead) {
              lead->mutable_schedule_follow_up_qualify_time()->set_seconds(253'402'300'800);
            }),
            Texts{"lead.schedule_follow_up_qualify_time OUT_OF_RANGE"});
  EXPECT_EQ(WrongAfter(
                [](Lead* lead) { lead->mutable_schedule_follow_up_qualify_time()->set_nanos(-1); }),
            Texts{"lead.schedule_follow_up_qualify_time OUT_OF_RANGE"});
  EXPECT_EQ(WrongAfter([](Lead* lead) { lead->mutable_estimated_close_date()->set_year(2023); }),
            Texts{"lead.estimated_close_date INVALID_VALUE"});
  EXPECT_EQ(WrongAfter([](Lead* lead) { lead->set_number_of_employees(-1); }),
            Texts{"lead.number_of_employees OUT_OF_RANGE"});
  EXPECT_EQ(WrongAfter([](Lead* lead) {
              lead->set_estimated_value(std::numeric_limits<double>::quiet_NaN());
            }),
            Texts{"lead.estimated_value INVALID_VALUE"});
}

TEST(Validate, CustomFields) {
  EXPECT_EQ(WrongAfter([](Lead* lead) { (*lead->mutable_custom())["Shoe size"].set_integer(1); }),
            Texts{"lead.custom.Shoe size INVALID_VALUE"});
  EXPECT_EQ(WrongAfter([](Lead* lead) { (*lead->mutable_custom())["x"]; }),
            Texts{"lead.custom.x INVALID_VALUE"});
  EXPECT_EQ(WrongAfter([](Lead* lead) { (*lead->mutable_custom())["x"].set_decimal("1,5"); }),
            Texts{"lead.custom.x.decimal INVALID_FORMAT"});
  EXPECT_EQ(WrongAfter([](Lead* lead) { (*lead->mutable_custom())["x"].set_reference("me"); }),
            Texts{"lead.custom.x.reference BAD_REFERENCE"});
  EXPECT_EQ(WrongAfter([](Lead* lead) { (*lead->mutable_custom())["x"].set_json("{}"); }),
            Texts{"lead.custom.x.json INVALID_VALUE"});
  EXPECT_EQ(
      WrongAfter([](Lead* lead) {
        (*lead->mutable_custom())["x"].mutable_money()->set_currency_code("USD");
      }),
      (Texts{"lead.revenue.currency_code CURRENCY_MISMATCH", "lead.currency CURRENCY_MISMATCH"}));
}

TEST(Validate, UnknownFieldsAtEveryDepth) {
  std::string image = Image(Good());
  AppendBytesField(5000, "x", &image);
  AppendBytesField(5000, "y", &image);
  auto violations = Validate(Type("crm.sales.v1.Lead"), image, "");
  ASSERT_EQ(violations.size(), 2u);
  EXPECT_EQ(violations[0].path, "5000");
  EXPECT_EQ(violations[0].reason, "UNKNOWN_FIELD");
  EXPECT_EQ(WrongAfter([](Lead* lead) {
              lead->mutable_address1()
                  ->GetReflection()
                  ->MutableUnknownFields(lead->mutable_address1())
                  ->AddVarint(77, 1);
              lead->mutable_revenue()
                  ->GetReflection()
                  ->MutableUnknownFields(lead->mutable_revenue())
                  ->AddVarint(78, 1);
            }),
            (Texts{"lead.revenue.78 UNKNOWN_FIELD", "lead.address1.77 UNKNOWN_FIELD"}));
}

TEST(Validate, LooksNotAtWhatClientsCanNotSet) {
  EXPECT_EQ(WrongAfter([](Lead* lead) {
              lead->set_state(static_cast<Lead::State>(99));
              lead->set_master("nobody");
              lead->mutable_revenue_base()->set_currency_code("?");
            }),
            Texts{});
}

TEST(Validate, APartNeedsNoRequiredFields) {
  Lead lead;
  lead.set_email("nobody");
  auto violations = ValidatePart(Type("crm.sales.v1.Lead"), Image(lead), "lead.");
  ASSERT_EQ(violations.size(), 1u);
  EXPECT_EQ(violations[0].path, "lead.email");
}

TEST(Validate, Requests) {
  crm::sales::v1::CreateLeadRequest request;
  auto wrong = [](const google::protobuf::Message& message) {
    Texts texts;
    for (const auto& violation :
         ValidateRequest(Type(message.GetDescriptor()->full_name()), Image(message))) {
      texts.push_back(violation.path + " " + violation.reason);
    }
    return texts;
  };
  EXPECT_EQ(wrong(request), Texts{"lead REQUIRED_FIELD"});
  request.mutable_lead();  // what is in it is looked at on its own
  EXPECT_EQ(wrong(request), Texts{});
  crm::sales::v1::BatchCreateLeadsRequest batch;
  *batch.add_requests() = request;
  batch.add_requests();
  EXPECT_EQ(wrong(batch), Texts{"requests[1].lead REQUIRED_FIELD"});
  crm::sales::v1::DisqualifyLeadRequest disqualify;
  disqualify.set_comment(std::string(2001, 'x'));
  disqualify.set_status(static_cast<Lead::Status>(42));
  disqualify.GetReflection()->MutableUnknownFields(&disqualify)->AddVarint(90, 1);
  EXPECT_EQ(wrong(disqualify), (Texts{"name REQUIRED_FIELD", "status UNKNOWN_OPTION",
                                      "comment TOO_LONG", "90 UNKNOWN_FIELD"}));
  crm::identity::v1::FoundTenantRequest found;
  found.set_display_name(std::string(161, 'x'));
  found.set_sign_in_name("ana");
  found.set_last_name("Ionescu");
  found.set_first_name("a\nb");
  EXPECT_EQ(wrong(found), (Texts{"display_name TOO_LONG", "first_name INVALID_FORMAT"}));
}

}  // namespace
}  // namespace crm::record
