#include "libs/record/changed.h"

#include <gtest/gtest.h>

#include "crm/sales/v1/lead.pb.h"
#include "libs/record/built_in.h"
#include "libs/record/image.h"

namespace crm::record {
namespace {

using crm::sales::v1::Lead;
using Paths = std::vector<std::string>;

const MessageType& Type() {
  static const auto catalogue = BuiltInCatalogue();
  return *(*catalogue)->FindMessage("crm.sales.v1.Lead");
}

std::string Image(const Lead& lead) { return *Normalise(Type(), lead.SerializeAsString()); }

Lead Old() {
  Lead lead;
  lead.set_name("leads/1");
  lead.set_etag("1");
  lead.set_state(Lead::STATE_OPEN);
  lead.set_subject("old");
  lead.set_do_not_email(true);
  lead.mutable_address1()->set_city("Iași");
  lead.mutable_address1()->set_line1("Strada Palat 12");
  lead.mutable_revenue()->set_currency_code("EUR");
  (*lead.mutable_custom())["size"].set_integer(42);
  (*lead.mutable_custom())["color"].set_text("red");
  return lead;
}

Lead New() {
  Lead lead = Old();
  lead.set_etag("2");
  lead.mutable_update_time()->set_seconds(5);
  lead.set_update_user("users/1");
  lead.set_state(Lead::STATE_QUALIFIED);
  lead.clear_do_not_email();
  lead.mutable_address1()->set_city("Cluj");
  lead.mutable_address2()->set_city("Sibiu");
  lead.mutable_revenue()->set_units(5);
  (*lead.mutable_custom())["size"].set_integer(43);
  lead.mutable_custom()->erase("color");
  (*lead.mutable_custom())["width"].set_decimal("1.5");
  lead.set_score(7);
  return lead;
}

TEST(Changed, NamesPathsInFieldOrder) {
  EXPECT_EQ(ChangedPaths(Type(), Image(Old()), Image(New())),
            (Paths{"state", "custom.color", "custom.size", "custom.width", "revenue",
                   "do_not_email", "score", "address1.city", "address2.city"}));
  EXPECT_TRUE(ChangedPaths(Type(), Image(Old()), Image(Old())).empty());
}

TEST(Changed, NamesEmptyMessagesAndUnknownFields) {
  Lead with = Old();
  with.mutable_address2();
  EXPECT_EQ(ChangedPaths(Type(), Image(Old()), Image(with)), Paths{"address2"});
  std::string unknown = Image(Old());
  AppendBytesField(5000, "newer", &unknown);
  EXPECT_EQ(ChangedPaths(Type(), Image(Old()), unknown), Paths{"5000"});
}

TEST(Changed, ShowsBothSides) {
  auto changes = FieldChanges(Type(), Image(Old()), Image(New()));
  ASSERT_EQ(changes.size(), 9u);
  std::map<std::string, v1::FieldChange> by_path;
  for (const auto& change : changes) by_path[change.path()] = change;
  EXPECT_EQ(by_path["state"].from().option(), "STATE_OPEN");
  EXPECT_EQ(by_path["state"].to().option(), "STATE_QUALIFIED");
  EXPECT_EQ(by_path["address1.city"].from().text(), "Iași");
  EXPECT_FALSE(by_path["address2.city"].has_from());
  EXPECT_EQ(by_path["address2.city"].to().text(), "Sibiu");
  EXPECT_EQ(by_path["revenue"].to().money().units(), 5);
  EXPECT_EQ(by_path["custom.size"].from().integer(), 42);
  EXPECT_FALSE(by_path["custom.color"].has_to());
  EXPECT_EQ(by_path["custom.width"].to().decimal(), "1.5");
  EXPECT_TRUE(by_path["do_not_email"].from().flag());
  EXPECT_FALSE(by_path["do_not_email"].has_to());
  EXPECT_EQ(by_path["score"].to().integer(), 7);
}

TEST(Changed, ShowsListsAsJson) {
  Lead lead = Old();
  lead.add_permissions("READ");
  lead.add_permissions("WRITE");
  lead.set_rating(static_cast<Lead::Rating>(77));
  std::string after = Image(lead);
  AppendVarintField(5000, 1, &after);
  auto changes = FieldChanges(Type(), Image(Old()), after);
  ASSERT_EQ(changes.size(), 3u);
  EXPECT_EQ(changes[0].to().json(), R"(["READ","WRITE"])");
  EXPECT_EQ(changes[1].to().integer(), 77);
  EXPECT_EQ(changes[2].path(), "5000");
  EXPECT_EQ(changes[2].to().json(), "\"wLgCAQ==\"");
}

TEST(Changed, ACreationShowsEverythingThatIsSet) {
  auto changes = FieldChanges(Type(), "", Image(Old()));
  EXPECT_EQ(changes.size(), 8u);
  for (const auto& change : changes) EXPECT_FALSE(change.has_from()) << change.path();
}

}  // namespace
}  // namespace crm::record
