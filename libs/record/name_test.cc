#include "libs/record/name.h"

#include <gtest/gtest.h>

namespace crm::record {
namespace {

constexpr char kId[] = "0192f0c4-89ab-7def-8123-456789abcdef";

TEST(Uuid, HasOneText) {
  auto uuid = Uuid::Parse(kId);
  ASSERT_TRUE(uuid);
  EXPECT_EQ(uuid->Text(), kId);
  EXPECT_EQ(Uuid::Parse("0192F0C4-89AB-7DEF-8123-456789ABCDEF"), uuid);
  EXPECT_EQ(Uuid::FromBytes(uuid->Bytes()), uuid);
  for (std::string_view bad :
       {"", "0192f0c4", "0192f0c4-89ab-7def-8123-456789abcde",
        "0192f0c4089ab-7def-8123-456789abcdef", "0192f0c4-89ab-7def-8123-456789abcdeg",
        "{192f0c4-89ab-7def-8123-456789abcdef"}) {
    EXPECT_FALSE(Uuid::Parse(bad)) << bad;
  }
  EXPECT_FALSE(Uuid::FromBytes("short"));
}

TEST(Uuid, Version7IsOrderedByTimeThenSub) {
  Uuid first = MakeUuidV7(1'700'000'000'000'999, 5, ~uint64_t{0});
  Uuid second = MakeUuidV7(1'700'000'000'000'000, 6, 0);
  Uuid third = MakeUuidV7(1'700'000'000'001'000, 0, 0);
  EXPECT_LT(first, second);
  EXPECT_LT(second, third);
  EXPECT_EQ(first.Text(), "018bcfe5-6800-7005-bfff-ffffffffffff");
}

TEST(Name, IsACollectionAndAnId) {
  std::string text = std::string("campaign_responses/") + kId;
  auto name = Name::Parse(text);
  ASSERT_TRUE(name);
  EXPECT_EQ(name->collection, "campaign_responses");
  EXPECT_EQ(name->Text(), text);
  for (std::string bad :
       {std::string(), std::string("leads"), std::string("leads/"), std::string("/") + kId,
        std::string("Leads/") + kId, std::string("leads/x/") + kId,
        std::string("leads/") + kId + "0", std::string(64, 'a') + "/" + kId,
        std::string("leads/0192F0C4-89ab-7def-8123-456789abcdef")}) {
    EXPECT_FALSE(Name::Parse(bad)) << bad;
  }
}

TEST(Name, TenantIds) {
  for (std::string_view good : {"a", "contoso", "contoso-nord-2"})
    EXPECT_TRUE(IsTenantId(good)) << good;
  for (std::string_view bad : {"", "2contoso", "Contoso", "con_toso", "-a", "a/b"})
    EXPECT_FALSE(IsTenantId(bad)) << bad;
  EXPECT_TRUE(IsTenantId(std::string(63, 'a')));
  EXPECT_FALSE(IsTenantId(std::string(64, 'a')));
}

}  // namespace
}  // namespace crm::record
