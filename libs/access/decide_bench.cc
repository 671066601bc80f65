#include <chrono>
#include <cstdio>
#include <random>

#include "libs/access/decide.h"

// What a decision costs in an organization of 200 roles, 5,000 users and 300 units; prints
// nanoseconds. Built on demand: tools/build access_bench
namespace crm::access {
namespace {

constexpr int kRoles = 200, kUsers = 5'000, kUnits = 300, kTypes = 60, kTeams = 600;

Id IdOf(char kind, size_t number) {
  Id id;
  id.bytes[0] = static_cast<uint8_t>(kind);
  for (size_t i = 0; i < 4; ++i) id.bytes[15 - i] = static_cast<uint8_t>(number >> (8 * i));
  return id;
}

Description Large(std::mt19937_64& random) {
  auto below = [&](size_t limit) { return random() % limit; };
  Description description;
  for (size_t i = 0; i < kTypes; ++i)
    description.types.push_back(
        {static_cast<TypeNumber>(10 + i), record::v1::Record::USER, "sales", false});
  for (size_t i = 0; i < kUnits; ++i) {
    description.units.push_back({IdOf('n', i), {}});
    if (i > 0) description.units.back().parent = IdOf('n', below(i));
  }
  for (size_t i = 0; i < kRoles; ++i) {
    RoleRow& role = description.roles.emplace_back();
    role.id = IdOf('r', i);
    for (size_t type = 0; type < kTypes; ++type) {
      for (size_t right = 0; right < kRights; ++right)
        role.privileges.push_back({static_cast<TypeNumber>(10 + type), static_cast<Right>(right),
                                   static_cast<Depth>(below(4))});
    }
  }
  for (size_t i = 0; i < kUsers; ++i) {
    UserRow& user = description.users.emplace_back();
    user.id = IdOf('u', i);
    user.unit = IdOf('n', below(kUnits));
    if (i > 0) user.manager = IdOf('u', below(i));
    user.roles = {IdOf('r', below(kRoles)), IdOf('r', below(kRoles))};
    user.seats = {"sales"};
  }
  for (size_t i = 0; i < kTeams; ++i) {
    TeamRow& team = description.teams.emplace_back();
    team.id = IdOf('t', i);
    team.unit = IdOf('n', below(kUnits));
    team.roles = {IdOf('r', below(kRoles))};
    for (int member = 0; member < 25; ++member) team.members.push_back(IdOf('u', below(kUsers)));
  }
  description.hierarchy = {Hierarchy::Model::kManager, 3, {}};
  return description;
}

double Nanoseconds(std::chrono::steady_clock::time_point begin, int count) {
  const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - begin;
  return took.count() / count;
}

int Run() {
  std::mt19937_64 random(1);
  const Description description = Large(random);
  auto begin = std::chrono::steady_clock::now();
  const Organization organization(description);
  std::printf("compile the organization  %12.0f ns\n", Nanoseconds(begin, 1));
  begin = std::chrono::steady_clock::now();
  for (int user = 0; user < kUsers; ++user) organization.SubjectOf(user);
  std::printf("compile a user            %12.0f ns\n", Nanoseconds(begin, kUsers));

  constexpr int kDecisions = 2'000'000;
  std::vector<std::pair<int, Facts>> questions;
  for (int i = 0; i < 4'096; ++i) {
    const auto type = static_cast<TypeNumber>(10 + random() % kTypes);
    questions.push_back(
        {static_cast<int>(random() % kUsers), {type, Party::User(IdOf('u', random() % kUsers))}});
  }
  const NoSurroundings nothing;
  int allowed = 0;
  begin = std::chrono::steady_clock::now();
  for (int i = 0; i < kDecisions; ++i) {
    const auto& [user, facts] = questions[static_cast<size_t>(i) % questions.size()];
    const Subject& subject = organization.SubjectOf(user);
    allowed += Decide(subject, static_cast<Right>(i % 8), facts, nothing).allowed ? 1 : 0;
  }
  std::printf("decide                    %12.0f ns   (%d of %d allowed)\n",
              Nanoseconds(begin, kDecisions), allowed, kDecisions);
  return 0;
}

}  // namespace
}  // namespace crm::access

int main() { return crm::access::Run(); }
