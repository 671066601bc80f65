#include "libs/rpc/owners.h"

#include <gtest/gtest.h>

namespace crm::rpc {
namespace {

TEST(Owners, KnowNobodyAtFirst) {
  const Owners owners;
  const auto known = owners.Find("sales", 1);
  EXPECT_FALSE(known.here);
  EXPECT_EQ(known.address, "");
}

TEST(Owners, BelieveTheHigherClaim) {
  Owners owners;
  owners.Set("sales", 1, 5, "b:1");
  owners.Set("sales", 1, 4, "a:1");
  EXPECT_EQ(owners.Find("sales", 1).address, "b:1");
  owners.Set("sales", 1, 6, "a:1");
  EXPECT_EQ(owners.Find("sales", 1).address, "a:1");
  EXPECT_EQ(owners.Find("sales", 2).address, "");
  EXPECT_EQ(owners.Find("service", 1).address, "");
}

TEST(Owners, TellWhoWaitsOfChanges) {
  Owners owners;
  int told = 0;
  const uint64_t version = owners.Find("sales", 1).version;
  EXPECT_NE(owners.WhenChanged("sales", 1, version, INT64_MAX, [&] { ++told; }), 0u);
  owners.Set("sales", 2, 1, "a:1");
  EXPECT_EQ(told, 0);
  owners.Set("sales", 1, 1, "a:1");
  EXPECT_EQ(told, 1);
  // What is known is another version already.
  EXPECT_EQ(owners.WhenChanged("sales", 1, version, INT64_MAX, [&] { ++told; }), 0u);
  EXPECT_EQ(told, 2);
  owners.WhenChanged("sales", 1, owners.Find("sales", 1).version, INT64_MAX, [&] { ++told; });
  owners.Set("sales", 1, 2, "a:1");  // claimed again by the same
  EXPECT_EQ(told, 2);
  owners.SetHere("sales", 1, true);
  EXPECT_EQ(told, 3);
  EXPECT_TRUE(owners.Find("sales", 1).here);
}

TEST(Owners, TellWhoWaitsThatTheirTimeIsOver) {
  Owners owners;
  int told = 0;
  owners.WhenChanged("sales", 1, 0, 100, [&] { ++told; });
  owners.Expire(99);
  EXPECT_EQ(told, 0);
  owners.Expire(100);
  EXPECT_EQ(told, 1);
  owners.Set("sales", 1, 1, "a:1");
  EXPECT_EQ(told, 1);
}

TEST(Owners, ForgetWhoWaitsNoMore) {
  Owners owners;
  int told = 0;
  const uint64_t waiter = owners.WhenChanged("sales", 1, 0, 100, [&] { ++told; });
  owners.Forget(waiter);
  owners.Set("sales", 1, 1, "a:1");
  owners.Expire(100);
  EXPECT_EQ(told, 0);
}

}  // namespace
}  // namespace crm::rpc
