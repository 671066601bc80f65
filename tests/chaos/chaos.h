#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <random>

#include "tests/chaos/load.h"

namespace crm::test {

// Several instances under load while something fails again and again. CRM_CHAOS_SECONDS says how
// long each lasts, CRM_CHAOS_SEED what is done when.
class Chaos : public testing::Test {
 protected:
  // Longer than the session, which is 6 s: another owner takes over meanwhile.
  static constexpr std::chrono::milliseconds kStandStill{8'500};

  Load::Settings LoadSettings() const;
  // So long at least, and until the load has got somewhere since.
  static void Let(Load& load, std::chrono::milliseconds time);
  bool MoreTime() const { return std::chrono::steady_clock::now() < end_; }
  uint64_t Dice() { return random_(); }

  // Ends the load, and looks at what is left.
  static void Conclude(Cluster& cluster, Load& load);

 private:
  static int64_t FromEnvironment(const char* name, int64_t preset);

  const uint64_t seed_ = static_cast<uint64_t>(FromEnvironment("CRM_CHAOS_SEED", 1));
  std::mt19937_64 random_{seed_};
  const std::chrono::steady_clock::time_point end_ =
      std::chrono::steady_clock::now() +
      std::chrono::seconds(FromEnvironment("CRM_CHAOS_SECONDS", 25));
};

}  // namespace crm::test
