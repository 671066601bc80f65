#include "libs/record/key.h"

#include <gtest/gtest.h>

#include "crm/sales/v1/lead.pb.h"
#include "libs/record/built_in.h"
#include "libs/record/image.h"

namespace crm::record {
namespace {

using crm::sales::v1::Lead;

const RecordType& LeadType() {
  static const auto catalogue = BuiltInCatalogue();
  return *(*catalogue)->FindType("leads");
}

std::string Key(std::string_view index, const Lead& lead) {
  auto image = Normalise(*LeadType().message, lead.SerializeAsString());
  auto spans = Spans::Read(*image);
  std::string key;
  AppendIndexValues(*LeadType().FindIndex(index), *spans, &key);
  return key;
}

Lead Called(const std::string& last, const std::string& first = "") {
  Lead lead;
  lead.set_last_name(last);
  lead.set_first_name(first);
  return lead;
}

TEST(Key, SortsTextAsPeopleDo) {
  const Lead leads[] = {Called(""),        Called("Șerban"),         Called("Ionescu"),
                        Called("ionescu"), Called("Ionescu", "Ana"), Called("Zoë")};
  // No name, ionescu before Ionescu, without a first name before with one, Ș right after S.
  const int order[] = {0, 3, 2, 4, 1, 5};
  for (int i = 0; i + 1 < 6; ++i) {
    EXPECT_LT(Key("last_name,first_name", leads[order[i]]),
              Key("last_name,first_name", leads[order[i + 1]]))
        << i;
  }
}

TEST(Key, TellsApartWhatCollatesAsEqual) {
  // A soft hyphen is ignored by the collation.
  EXPECT_NE(Key("last_name,first_name", Called("Smith")),
            Key("last_name,first_name", Called("Smi\u00adth")));
  EXPECT_NE(Key("last_name,first_name", Called("a", "bc")),
            Key("last_name,first_name", Called("ab", "c")));
}

TEST(Key, EscapesZeroBytes) {
  Lead a, b, c;
  a.set_email(std::string("a\0b", 3));
  b.set_email("a");
  c.set_email("a\x01");
  EXPECT_EQ(Key("email", a), std::string("\x02"
                                         "a\x00\xff"
                                         "b\x00\x01",
                                         7));
  EXPECT_LT(Key("email", b), Key("email", a));
  EXPECT_LT(Key("email", a), Key("email", c));
}

TEST(Key, EncodesWhatAFilterWrites) {
  Lead lead = Called("Ionescu", "Ana");
  lead.set_state(Lead::STATE_OPEN);
  lead.set_rating(Lead::RATING_HOT);
  lead.mutable_create_time()->set_seconds(1'700'000'000);
  auto value = [](std::string_view field, std::string_view text) {
    return *EncodeValue(*LeadType().Find(field), text);
  };
  EXPECT_EQ(Key("state,rating", lead),
            value("state", "STATE_OPEN") + value("rating", "RATING_HOT"));
  EXPECT_EQ(Key("last_name,first_name", lead),
            value("last_name", "Ionescu") + value("first_name", "Ana"));
  EXPECT_EQ(Key("create_time", lead), value("create_time", "2023-11-14T22:13:20Z"));
  EXPECT_EQ(Key("email", lead), value("email", ""));
  EXPECT_EQ(value("lead_source", "SOURCE_UNSPECIFIED"), "\x01");
  EXPECT_LT(value("score", "-5"), value("score", "0"));
  EXPECT_LT(value("estimated_value", "-1e10"), value("estimated_value", "-0.5"));
  EXPECT_LT(value("estimated_value", "-0.5"), value("estimated_value", "2"));
  EXPECT_EQ(value("estimated_value", "-0"), value("estimated_value", "0"));
  EXPECT_LT(value("revenue", "-3.5"), value("revenue", "-3.4999"));
  EXPECT_LT(value("revenue", "9"), value("revenue", "10"));
  EXPECT_LT(value("estimated_close_date", "2023-12-31"),
            value("estimated_close_date", "2024-01-01"));
  EXPECT_LT(value("do_not_email", "false"), value("do_not_email", "true"));
}

TEST(Key, RefusesWhatIsNoValue) {
  auto encodes = [](std::string_view field, std::string_view text) {
    return EncodeValue(*LeadType().Find(field), text).has_value();
  };
  EXPECT_FALSE(encodes("state", "OPEN"));
  EXPECT_FALSE(encodes("state", "1"));
  EXPECT_FALSE(encodes("score", "5x"));
  EXPECT_FALSE(encodes("score", "99999999999999999999"));
  EXPECT_FALSE(encodes("estimated_value", "nan"));
  EXPECT_FALSE(encodes("revenue", "1.23456"));
  EXPECT_FALSE(encodes("do_not_email", "yes"));
  EXPECT_FALSE(encodes("create_time", "yesterday"));
  EXPECT_FALSE(encodes("estimated_close_date", "2023-02-30"));
  EXPECT_FALSE(encodes("owner", "me"));
  EXPECT_FALSE(encodes("address1", "x"));
}

TEST(Key, EndsOfPrefixes) {
  EXPECT_EQ(PrefixEnd("ab"), "ac");
  EXPECT_EQ(PrefixEnd("a\xff\xff"), "b");
  EXPECT_EQ(PrefixEnd("\xff"), "");
  EXPECT_EQ(PrefixEnd(""), "");
}

}  // namespace
}  // namespace crm::record
