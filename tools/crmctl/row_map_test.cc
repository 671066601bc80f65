#include "tools/crmctl/row_map.h"

#include <gtest/gtest.h>

#include <set>

#include "libs/record/uuid.h"
#include "tools/crmctl/failure.h"
#include "tools/crmctl/lead_schema_test.h"
#include "tools/crmctl/row_id.h"

namespace crm::ctl {
namespace {

class RowMapTest : public testing::Test {
 protected:
  std::vector<RowFault> Fill(const std::vector<std::string>& maps,
                             const std::vector<std::string>& header,
                             const std::vector<std::string>& row) {
    std::vector<Mapping> mappings;
    for (const auto& map : maps) mappings.push_back(ParseMapping(map));
    auto record = schema_->New(type_.message);
    auto faults = RowMap(type_, mappings, header, "USD").Fill(row, record.get());
    lead_ = As<crm::sales::v1::Lead>(*record);
    return faults;
  }

  std::unique_ptr<Schema> schema_ = LeadSchema();
  const RecordType& type_ = schema_->TypeOf("leads");
  crm::sales::v1::Lead lead_;
};

TEST_F(RowMapTest, MapsColumnsAndConstants) {
  EXPECT_TRUE(Fill({"last_name=Name", "address1.city=Town", "lead_source:=Web", "revenue=Amount"},
                   {"Town", "Unused", "Name", "Amount"}, {"Iași", "x", "Țurcanu", "12.5"})
                  .empty());
  EXPECT_EQ(lead_.last_name(), "Țurcanu");
  EXPECT_EQ(lead_.address1().city(), "Iași");
  EXPECT_EQ(lead_.lead_source(), crm::sales::v1::Lead::SOURCE_WEB);
  EXPECT_EQ(lead_.revenue().currency_code(), "USD");
}

TEST_F(RowMapTest, JoinsWhatComesTwice) {
  std::vector<std::string> maps = {"description=A", "description:=and", "description=B"};
  EXPECT_TRUE(Fill(maps, {"A", "B"}, {"one", "two"}).empty());
  EXPECT_EQ(lead_.description(), "one\nand\ntwo");
  EXPECT_TRUE(Fill(maps, {"A", "B"}, {"", "two"}).empty());
  EXPECT_EQ(lead_.description(), "and\ntwo");
}

TEST_F(RowMapTest, TakesFieldNamesAsTitlesWithoutMaps) {
  EXPECT_TRUE(Fill({}, {"last_name", "address1.city"}, {"Popescu", "Cluj"}).empty());
  EXPECT_EQ(lead_.last_name(), "Popescu");
  EXPECT_EQ(lead_.address1().city(), "Cluj");
}

TEST_F(RowMapTest, TellsAllThatIsWrongWithARow) {
  auto faults = Fill({"lead_source=S", "number_of_employees=N", "subject=T"}, {"S", "N", "T"},
                     {"Moon", "many", "fine"});
  ASSERT_EQ(faults.size(), 2u);
  EXPECT_EQ(faults[0].field + " " + faults[0].reason, "lead_source UNKNOWN_OPTION");
  EXPECT_EQ(faults[1].field + " " + faults[1].reason, "number_of_employees BAD_VALUE");
  faults = Fill({"subject=T"}, {"S", "T"}, {"only one"});
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_EQ(faults[0].reason, "WRONG_COLUMN_COUNT");
}

TEST_F(RowMapTest, RefusesWhatIsNotThere) {
  EXPECT_THROW(Fill({"subject=Missing"}, {"T"}, {"x"}), UsageError);
  EXPECT_THROW(Fill({"colour=T"}, {"T"}, {"x"}), UsageError);
  EXPECT_THROW(Fill({"subject=T"}, {"T", "T"}, {"x", "y"}), UsageError);
  EXPECT_THROW(Fill({}, {"Colour"}, {"x"}), UsageError);
  EXPECT_THROW(Fill({"state=T"}, {"T"}, {"STATE_OPEN"}), UsageError);
  EXPECT_THROW(Fill({}, {"subject", "create_time"}, {"x", "2026-01-01"}), UsageError);
  for (const char* map : {"subject", "=T", ":=T"})
    EXPECT_THROW(ParseMapping(map), UsageError) << map;
}

TEST(Mapping, KeepsFurtherSigns) {
  Mapping mapping = ParseMapping("subject=a=b");
  EXPECT_EQ(mapping.source, "a=b");
  EXPECT_FALSE(mapping.constant);
  mapping = ParseMapping("subject:=a=b");
  EXPECT_EQ(mapping.path, "subject");
  EXPECT_EQ(mapping.source, "a=b");
  EXPECT_TRUE(mapping.constant);
}

// These ids are in the logs of everybody who has imported anything: they never change. The value is
// computed by another program: sha256 of "acme\0spring\0" "1", bits of version and variant set.
TEST(RowId, IsAUuidForEver) {
  EXPECT_EQ(RowId("acme", "spring", 1), "28947ce9-fef4-8f67-b851-a3f6e4d71a2b");
}

TEST(RowId, DiffersByTenantImportAndRow) {
  std::set<std::string> ids;
  for (const char* tenant : {"acme", "acm"}) {
    for (const char* import_id : {"spring", "espring", "spring1"}) {
      for (int64_t row : {1, 11, 111}) {
        std::string id = RowId(tenant, import_id, row);
        EXPECT_TRUE(record::Uuid::Parse(id)) << id;
        EXPECT_EQ(id[14], '8');
        EXPECT_NE(std::string("89ab").find(id[19]), std::string::npos);
        ids.insert(id);
      }
    }
  }
  EXPECT_EQ(ids.size(), 18u);
}

}  // namespace
}  // namespace crm::ctl
