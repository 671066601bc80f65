#include "libs/rpc/server/keep_awake.h"

#include <gtest/gtest.h>

namespace crm::rpc {
namespace {

TEST(KeepAwake, SomethingHappensAllTheTime) {
  const KeepAwake awake(std::chrono::milliseconds(1));
  while (awake.done() < 10) std::this_thread::yield();
}

TEST(KeepAwake, EndsWhileACallIsUnderWay) {
  for (int i = 0; i < 20; ++i) {
    const KeepAwake awake(std::chrono::milliseconds(0));
    while (awake.done() == 0) std::this_thread::yield();
  }
}

}  // namespace
}  // namespace crm::rpc
