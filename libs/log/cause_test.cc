#include "libs/log/cause.h"

#include <gtest/gtest.h>

namespace crm::log {
namespace {

TEST(Cause, IsTheSameAfterReading) {
  const Cause cause{"sales", 3, 1234};
  EXPECT_EQ(cause.Text(), "sales/3@1234");
  EXPECT_EQ(Cause::Parse("sales/3@1234"), cause);
  EXPECT_EQ(Cause::Parse("sales/0@-1")->offset, -1);
}

TEST(Cause, RefusesOtherTexts) {
  for (const char* text : {"", "sales", "sales/3", "3@12", "sales/x@12", "sales/3@", "sales/3@1x",
                           "sales@3/12", "sales/3@99999999999999999999"}) {
    EXPECT_FALSE(Cause::Parse(text)) << text;
  }
}

}  // namespace
}  // namespace crm::log
