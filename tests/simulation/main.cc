#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <string>

#include "tests/simulation/seeds.h"

namespace crm::simulation {

Seeds& ChosenSeeds() {
  static Seeds seeds;
  return seeds;
}

namespace {

void ReadSeeds(int argc, char** argv) {
  const char* one = std::getenv("CRM_SEED");
  for (int i = 1; i + 1 < argc; ++i) {
    if (std::strcmp(argv[i], "--seed") == 0) one = argv[i + 1];
  }
  if (one != nullptr) {
    ChosenSeeds() = {std::strtoull(one, nullptr, 10), 1, true};
    return;
  }
  const char* range = std::getenv("CRM_SEEDS");
  if (range == nullptr) return;
  char* rest = nullptr;
  const uint64_t from = std::strtoull(range, &rest, 10);
  ChosenSeeds() = {from, *rest == ':' ? std::strtoull(rest + 1, nullptr, 10) : 1, true};
}

}  // namespace
}  // namespace crm::simulation

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  crm::simulation::ReadSeeds(argc, argv);
  return RUN_ALL_TESTS();
}
