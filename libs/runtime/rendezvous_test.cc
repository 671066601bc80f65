#include "libs/runtime/rendezvous.h"

#include <gtest/gtest.h>

namespace crm::runtime {
namespace {

const std::vector<std::string> kMembers = {"a", "b", "c", "d", "e"};

std::vector<std::string> Top(const std::vector<std::string>& members, int thing, int count) {
  std::vector<std::string> top;
  for (const std::string& member : members) {
    if (IsAmongTop(member, members, "sales/" + std::to_string(thing), count)) top.push_back(member);
  }
  return top;
}

TEST(Rendezvous, ChoosesAsManyAsWanted) {
  for (int thing = 0; thing < 100; ++thing) {
    for (size_t count = 0; count <= kMembers.size(); ++count)
      EXPECT_EQ(Top(kMembers, thing, static_cast<int>(count)).size(), count);
  }
}

TEST(Rendezvous, ChangesOnlyWhatTheLeaverHad) {
  const std::vector<std::string> fewer = {"a", "b", "d", "e"};
  int moved = 0;
  for (int thing = 0; thing < 100; ++thing) {
    const auto before = Top(kMembers, thing, 1);
    const auto after = Top(fewer, thing, 1);
    if (before == after) continue;
    ++moved;
    EXPECT_EQ(before, std::vector<std::string>{"c"});
  }
  EXPECT_GT(moved, 5);
  EXPECT_LT(moved, 40);
}

}  // namespace
}  // namespace crm::runtime
