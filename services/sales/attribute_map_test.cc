#include "services/sales/attribute_map.h"

#include "services/sales/deciding_fixture.h"

namespace crm::sales {
namespace {

class AttributeMapTest : public example::DecidingFixture {};

// The maps that come with the product never make a record that can not be written.
TEST_F(AttributeMapTest, WhatIsBuiltInAlwaysFits) {
  const auto& catalogue = example::TheCatalogue();
  const record::RecordType& leads = *catalogue.FindType("leads");
  auto tx = Begin();
  for (const char* collection : {"accounts", "contacts", "opportunities"}) {
    const v1::AttributeMap map = MapFor("leads", collection, *tx);
    EXPECT_GE(map.pairs_size(), 10) << collection;
    for (const v1::AttributeMap::Pair& pair : map.pairs()) {
      const record::Field* from = leads.Find(pair.source_field());
      const record::Field* to = catalogue.FindType(collection)->Find(pair.target_field());
      ASSERT_TRUE(from != nullptr && to != nullptr) << pair.DebugString();
      EXPECT_EQ(from->kind, to->kind) << pair.DebugString();
      const auto& source = from->annotation;
      const auto& target = to->annotation;
      EXPECT_GE(target.max_length(), source.max_length()) << pair.DebugString();
      EXPECT_GE(target.multiline(), source.multiline()) << pair.DebugString();
      EXPECT_TRUE(target.format() == record::v1::TEXT || target.format() == source.format())
          << pair.DebugString();
      EXPECT_TRUE(target.max() == 0 || (target.max() >= source.max() && source.max() != 0))
          << pair.DebugString();
    }
  }
}

}  // namespace
}  // namespace crm::sales
