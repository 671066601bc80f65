#include "tools/crmctl/schema.h"

#include <gtest/gtest.h>

#include "tools/crmctl/display.h"
#include "tools/crmctl/failure.h"
#include "tools/crmctl/lead_schema_test.h"

namespace crm::ctl {
namespace {

class SchemaTest : public testing::Test {
 protected:
  std::unique_ptr<Schema> schema_ = LeadSchema();
};

TEST_F(SchemaTest, FindsRecordTypesByTheirAnnotations) {
  ASSERT_EQ(schema_->types().size(), 1u);
  const RecordType& type = schema_->TypeOfName("leads/018f0000-0000-7000-8000-000000000000");
  EXPECT_EQ(type.message->full_name(), "crm.sales.v1.Lead");
  EXPECT_EQ(type.Title()->name(), "full_name");
  EXPECT_THROW(schema_->TypeOf("ships"), UsageError);
  EXPECT_THROW(schema_->TypeOfName("leads"), UsageError);
  EXPECT_THROW(schema_->TypeOfName("leads/"), UsageError);
}

TEST_F(SchemaTest, FindsStandardMethods) {
  const RecordType& type = schema_->TypeOf("leads");
  EXPECT_EQ(type.Method("Create").name(), "CreateLead");
  EXPECT_EQ(type.Method("List").name(), "ListLeads");
  EXPECT_EQ(type.Method("BatchCreate").name(), "BatchCreateLeads");
  EXPECT_EQ(type.Method("BatchGet").name(), "BatchGetLeads");
  EXPECT_EQ(type.Method("Watch").name(), "WatchLeads");
  EXPECT_EQ(type.Method("PreviewDelete").name(), "PreviewDeleteLead");
  EXPECT_THROW(type.Method("Paint"), Failure);
}

TEST_F(SchemaTest, FindsMethodsByTheEndOfTheirPath) {
  EXPECT_EQ(PathOf(schema_->FindMethod("CreateLead")), "/crm.sales.v1.Leads/CreateLead");
  EXPECT_EQ(PathOf(schema_->FindMethod("Leads/GetLead")), "/crm.sales.v1.Leads/GetLead");
  EXPECT_EQ(PathOf(schema_->FindMethod("/crm.sales.v1.Leads/GetLead")),
            "/crm.sales.v1.Leads/GetLead");
  EXPECT_THROW(schema_->FindMethod("Lead"), UsageError);
}

TEST_F(SchemaTest, ListsByWhatATypeIsListedBy) {
  EXPECT_EQ(
      ListColumns(schema_->TypeOf("leads")),
      (std::vector<std::string>{"name", "full_name", "state", "status", "rating", "lead_source"}));
}

}  // namespace
}  // namespace crm::ctl
