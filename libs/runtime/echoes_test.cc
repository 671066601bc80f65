#include "libs/runtime/echoes.h"

#include <gtest/gtest.h>

namespace crm::runtime {
namespace {

using std::chrono::seconds;

TEST(Echoes, AreTheSameFromAnotherThreadOrAsAnError) {
  Echoes::Time now{};
  Echoes echoes([&now] { return now; });
  const std::string refused = "Connect to ipv4#127.0.0.1:9092 failed: Connection refused";
  EXPECT_TRUE(echoes.IsNew("[thrd:127.0.0.1:9092/1]: 127.0.0.1:9092/1: " + refused +
                           " (after 0ms in state CONNECT)"));
  EXPECT_FALSE(echoes.IsNew("Local: Broker transport failure: 127.0.0.1:9092/1: " + refused +
                            " (after 1ms in state CONNECT, 3 identical error(s) suppressed)"));
  EXPECT_FALSE(echoes.IsNew("[thrd:other]: 127.0.0.1:9092/1: " + refused));
  // Of another broker it is news, and so it is after a while.
  EXPECT_TRUE(echoes.IsNew("[thrd:127.0.0.1:9093/2]: 127.0.0.1:9093/2: " + refused));
  now += seconds(10);
  EXPECT_TRUE(echoes.IsNew("[thrd:127.0.0.1:9092/1]: 127.0.0.1:9092/1: " + refused));
}

TEST(Echoes, AreNoOtherLines) {
  Echoes echoes([] { return Echoes::Time{}; });
  EXPECT_TRUE(echoes.IsNew("Local: All broker connections are down: 1/1 brokers are down"));
  EXPECT_TRUE(echoes.IsNew("Local: All broker connections are down: 3/3 brokers are down"));
  EXPECT_TRUE(echoes.IsNew("joining crm.sales anew after: fenced"));
  EXPECT_TRUE(echoes.IsNew("joining crm.identity anew after: fenced"));
  EXPECT_TRUE(echoes.IsNew("Local: "));
  EXPECT_TRUE(echoes.IsNew("[thrd:"));
  EXPECT_TRUE(echoes.IsNew(""));
  EXPECT_FALSE(echoes.IsNew(""));
}

}  // namespace
}  // namespace crm::runtime
