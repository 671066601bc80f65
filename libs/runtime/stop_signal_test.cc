#include "libs/runtime/stop_signal.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <cstdlib>

namespace crm::runtime {
namespace {

// Each in a process of its own: signals and their masks are the whole process's.
TEST(StopSignalDeathTest, WaitsForTheFirst) {
  EXPECT_EXIT(
      {
        StopSignal stop;
        if (stop.Wait(1)) std::exit(1);
        raise(SIGTERM);
        std::exit(stop.Wait(10'000) ? 0 : 2);
      },
      testing::ExitedWithCode(0), "");
}

TEST(StopSignalDeathTest, EndsAtOnceOnTheSecond) {
  EXPECT_EXIT(
      {
        StopSignal stop;
        raise(SIGTERM);
        if (!stop.Wait(10'000)) std::exit(1);
        raise(SIGINT);
        std::exit(2);
      },
      testing::ExitedWithCode(128 + SIGINT), "");
}

}  // namespace
}  // namespace crm::runtime
