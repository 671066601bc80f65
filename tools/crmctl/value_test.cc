#include "tools/crmctl/value.h"

#include <gtest/gtest.h>

#include "tools/crmctl/display.h"
#include "tools/crmctl/lead_schema_test.h"

namespace crm::ctl {
namespace {

class ValueTest : public testing::Test {
 protected:
  crm::sales::v1::Lead Set(const std::string& path, const std::string& text,
                           const std::string& currency = {}) {
    ValueError error = SetField(record_.get(), path, text, currency);
    EXPECT_EQ(error.reason, "") << error.text;
    return As<crm::sales::v1::Lead>(*record_);
  }
  std::string Reason(const std::string& path, const std::string& text) {
    return SetField(record_.get(), path, text).reason;
  }

  std::unique_ptr<Schema> schema_ = LeadSchema();
  std::unique_ptr<Message> record_ = schema_->New(schema_->TypeOf("leads").message);
};

TEST_F(ValueTest, SetsScalars) {
  EXPECT_EQ(Set("subject", " as it is ").subject(), " as it is ");
  EXPECT_EQ(Set("number_of_employees", " 42 ").number_of_employees(), 42);
  EXPECT_EQ(Set("estimated_value", "1.5").estimated_value(), 1.5);
  EXPECT_TRUE(Set("do_not_email", "Yes").do_not_email());
  EXPECT_FALSE(Set("do_not_email", "0").do_not_email());
  EXPECT_EQ(Set("address1.city", "Brașov").address1().city(), "Brașov");
}

TEST_F(ValueTest, LeavesFieldsOfEmptyTextsUnset) {
  auto lead = Set("number_of_employees", "");
  lead = Set("address1.city", "");
  lead = Set("custom.size", "");
  EXPECT_EQ(lead.ByteSizeLong(), 0u);
}

TEST_F(ValueTest, FindsOptionsByName) {
  using crm::sales::v1::Lead;
  for (const char* text : {"SOURCE_EMPLOYEE_REFERRAL", "EMPLOYEE_REFERRAL", "Employee Referral",
                           "employee-referral"}) {
    EXPECT_EQ(Set("lead_source", text).lead_source(), Lead::SOURCE_EMPLOYEE_REFERRAL) << text;
  }
  EXPECT_EQ(Set("preferred_contact_method", "phone").preferred_contact_method(),
            crm::type::v1::CONTACT_METHOD_PHONE);
  EXPECT_EQ(Reason("lead_source", "Moon"), "UNKNOWN_OPTION");
}

TEST_F(ValueTest, ReadsMoney) {
  auto money = Set("revenue", "908.05 USD").revenue();
  EXPECT_EQ(money.currency_code(), "USD");
  EXPECT_EQ(money.units(), 908);
  EXPECT_EQ(money.nanos(), 50'000'000);
  EXPECT_EQ(Set("revenue", "EUR -1.5").revenue().nanos(), -500'000'000);
  EXPECT_EQ(Set("revenue", "7", "RON").revenue().currency_code(), "RON");
  for (const char* text :
       {"7", "seven USD", "1,000 USD", "1. USD", "--1 USD", "USD", "1.0000000001 USD"}) {
    EXPECT_EQ(Reason("revenue", text), "BAD_VALUE") << text;
  }
}

TEST_F(ValueTest, ReadsTimesAndDates) {
  EXPECT_EQ(Set("schedule_follow_up_prospect_time", "2026-03-31")
                .schedule_follow_up_prospect_time()
                .seconds(),
            1774915200);
  EXPECT_EQ(ParseTime("2026-03-31T02:00:00+02:00")->seconds(), 1774915200);
  EXPECT_EQ(ParseTime("2026-03-31 00:00:00Z")->seconds(), 1774915200);
  auto date = Set("estimated_close_date", "2024-02-29").estimated_close_date();
  EXPECT_EQ(date.year() * 10000 + date.month() * 100 + date.day(), 20240229);
  for (const char* text : {"2023-02-29", "2023-13-01", "2023-1-1", "yesterday", "2023-01-01x"}) {
    EXPECT_EQ(Reason("estimated_close_date", text), "BAD_VALUE") << text;
    EXPECT_FALSE(ParseTime(text)) << text;
  }
}

TEST_F(ValueTest, SetsOwnFields) {
  EXPECT_EQ(Set("custom.shoe", "42").custom().at("shoe").text(), "42");
  EXPECT_EQ(Set("custom.size", R"({"integer":"42"})").custom().at("size").integer(), 42);
}

TEST_F(ValueTest, SaysWhatIsWrong) {
  EXPECT_EQ(Reason("colour", "red"), "UNKNOWN_FIELD");
  EXPECT_EQ(Reason("subject.part", "x"), "UNKNOWN_FIELD");
  EXPECT_EQ(Reason("address1.colour", "red"), "UNKNOWN_FIELD");
  EXPECT_EQ(Reason("number_of_employees", "4.5"), "BAD_VALUE");
  EXPECT_EQ(Reason("number_of_employees", "99999999999"), "BAD_VALUE");
  EXPECT_EQ(Reason("do_not_email", "perhaps"), "BAD_VALUE");
  for (const char* path : {"last_name", "custom.shoe", "custom", "number_of_employees"})
    EXPECT_EQ(Reason(path, "M\xfcller"), "BAD_VALUE") << path;
  EXPECT_EQ(Reason("custom.\xfc", "x"), "UNKNOWN_FIELD");
  EXPECT_EQ(record_->ByteSizeLong(), 0u);
}

TEST_F(ValueTest, DisplaysWhatWasSet) {
  Set("revenue", "908.5 USD");
  Set("lead_source", "web");
  Set("estimated_close_date", "2024-02-29");
  Set("schedule_follow_up_prospect_time", "2026-03-31T12:34:56Z");
  Set("custom.shoe", "42");
  Set("address1.city", "Brașov");
  Set("address1.country", "Romania");
  Set("description", "two\nlines");
  EXPECT_EQ(Display(*record_, "revenue"), "908.50 USD");
  EXPECT_EQ(Display(*record_, "lead_source"), "WEB");
  EXPECT_EQ(Display(*record_, "estimated_close_date"), "2024-02-29");
  EXPECT_EQ(Display(*record_, "schedule_follow_up_prospect_time"), "2026-03-31T12:34:56Z");
  EXPECT_EQ(Display(*record_, "custom.shoe"), "42");
  EXPECT_EQ(Display(*record_, "address1"), "Brașov, Romania");
  EXPECT_EQ(Display(*record_, "address1.city"), "Brașov");
  EXPECT_EQ(Display(*record_, "description"), "two lines");
  EXPECT_EQ(Display(*record_, "last_name"), "");
}

}  // namespace
}  // namespace crm::ctl
