#include "libs/record/mask.h"

#include <gtest/gtest.h>

#include "crm/sales/v1/lead.pb.h"
#include "libs/record/built_in.h"
#include "libs/record/image.h"

namespace crm::record {
namespace {

using crm::sales::v1::Lead;

const MessageType& Type(const char* full_name = "crm.sales.v1.Lead") {
  static const auto catalogue = BuiltInCatalogue();
  return *(*catalogue)->FindMessage(full_name);
}

std::string Image(const Lead& lead) { return *Normalise(Type(), lead.SerializeAsString()); }

Mask Compiled(const std::vector<std::string>& paths) {
  std::vector<Violation> violations;
  Mask mask = Mask::Compile(Type(), paths, "update_mask", &violations);
  EXPECT_TRUE(violations.empty());
  return mask;
}

Lead Some(const std::string& word) {
  Lead lead;
  lead.set_name("leads/1");
  lead.set_subject(word + " subject");
  lead.set_email(word + "@x.y");
  lead.mutable_address1()->set_city(word + " city");
  lead.mutable_address1()->set_line1(word + " line");
  (*lead.mutable_custom())["size"].set_text(word);
  (*lead.mutable_custom())[word].set_integer(1);
  return lead;
}

TEST(Mask, TakesFieldsPartsAndEntries) {
  Lead expected = Some("old");
  expected.set_subject("new subject");
  expected.mutable_address1()->set_city("new city");
  (*expected.mutable_custom())["size"].set_text("new");
  (*expected.mutable_custom())["new"].set_integer(1);
  Mask mask = Compiled({"address1.city", "subject", "custom.new", "custom.size", "custom.nothing"});
  EXPECT_EQ(mask.Merge(Image(Some("new")), Image(Some("old"))), Image(expected));
  EXPECT_TRUE(mask.Contains(16));
  EXPECT_TRUE(mask.Contains(214));
  EXPECT_FALSE(mask.Contains(205));
}

TEST(Mask, EmptiesWhatIsAbsent) {
  Lead expected = Some("old");
  expected.clear_email();
  expected.mutable_address1()->clear_city();
  expected.mutable_custom()->erase("old");
  Mask mask = Compiled({"email", "address1.city", "custom.old", "telephone1", "address2.city"});
  EXPECT_EQ(mask.Merge("", Image(Some("old"))), Image(expected));
  expected.clear_address1();
  EXPECT_EQ(Compiled({"email", "address1.city", "address1.line1", "custom.old"})
                .Merge("", Image(Some("old"))),
            Image(expected));
}

TEST(Mask, AWholeFieldCoversItsParts) {
  for (const auto& paths :
       {std::vector<std::string>{"address1", "address1.city"}, {"address1.city", "address1"}}) {
    Lead expected = Some("old");
    *expected.mutable_address1() = Some("new").address1();
    expected.mutable_address1()->clear_line1();
    Lead from = Some("new");
    from.mutable_address1()->clear_line1();
    EXPECT_EQ(Compiled(paths).Merge(Image(from), Image(Some("old"))), Image(expected));
  }
}

TEST(Mask, OfEverythingReplacesAllButTheUnknown) {
  std::string old = Image(Some("old"));
  AppendBytesField(5000, "newer", &old);
  std::string expected = Image(Some("new"));
  AppendBytesField(5000, "newer", &expected);
  EXPECT_EQ(Compiled({"*"}).Merge(Image(Some("new")), old), expected);
}

TEST(Mask, OfAnImageIsWhatIsSetInIt) {
  Lead from;
  from.set_subject("new");
  Mask mask = Mask::OfImage(Type(), Image(from));
  Lead expected = Some("old");
  expected.set_subject("new");
  EXPECT_EQ(mask.Merge(Image(from), Image(Some("old"))), Image(expected));
  EXPECT_TRUE(Mask::OfImage(Type(), "").empty());
}

TEST(Mask, Keeps) {
  Lead expected;
  expected.set_subject("old subject");
  expected.mutable_address1()->set_city("old city");
  EXPECT_EQ(Compiled({"subject", "address1.city", "address2"}).Keep(Image(Some("old"))),
            Image(expected));
}

TEST(Mask, OneMemberOfAOneofReplacesAnother) {
  std::vector<Violation> violations;
  Mask mask = Mask::Compile(Type("crm.record.v1.Value"), {"text"}, "mask", &violations);
  v1::Value text, number;
  text.set_text("x");
  number.set_integer(5);
  EXPECT_EQ(mask.Merge(text.SerializeAsString(), number.SerializeAsString()),
            text.SerializeAsString());
  EXPECT_EQ(mask.Merge("", number.SerializeAsString()), number.SerializeAsString());
}

TEST(Mask, ReportsEachPathThatDoesNotExist) {
  std::vector<Violation> violations;
  Mask::Compile(
      Type(),
      {"subject", "town", "address1.town", "revenue.units", "custom.a.b", "permissions.0", ""},
      "update_mask", &violations);
  ASSERT_EQ(violations.size(), 6u);
  EXPECT_EQ(violations[0].path, "update_mask");
  EXPECT_EQ(violations[0].reason, "UNKNOWN_FIELD");
  EXPECT_NE(violations[0].description.find("`town`"), std::string::npos);
  violations.clear();
  Mask::Compile(Type(), std::vector<std::string>(1001, "subject"), "update_mask", &violations);
  ASSERT_EQ(violations.size(), 1u);
  EXPECT_EQ(violations[0].reason, "OUT_OF_RANGE");
}

}  // namespace
}  // namespace crm::record
