#include "libs/record/fold.h"

#include <gtest/gtest.h>

namespace crm::record {
namespace {

TEST(Fold, TakesForTheSameWhatPeopleTakeForTheSame) {
  EXPECT_EQ(Fold("  ACME   Corp "), "acme corp");
  EXPECT_EQ(Fold("Brașov Țiglă"), Fold("BRASOV tigla"));
  EXPECT_EQ(Fold("Straße"), Fold("STRASSE"));
  EXPECT_EQ(Fold("ＡＣＭＥ"), "acme");
  EXPECT_EQ(Fold(""), "");
  EXPECT_NE(Fold("Acme"), Fold("Acme 2"));
}

}  // namespace
}  // namespace crm::record
