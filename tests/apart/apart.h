#pragma once

#include <chrono>
#include <string>

#include "tests/access/organization.h"
#include "tests/server/cluster.h"

namespace crm::test {

// What comes of it once it is known: a process that takes a partition over asks for patience.
template <class Attempt>
auto InTheEnd(const Attempt& attempt) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  auto outcome = attempt();
  while (MayBeTriedAgain(outcome) && std::chrono::steady_clock::now() < end) outcome = attempt();
  return outcome;
}

// A caller who is served no earlier than identity's word up to this position is known.
inline Client After(const std::string& position, Server& server, const std::string& tenant,
                    const std::string& user) {
  return Client(server, tenant, user).With({{"crm-min-position", position}});
}

}  // namespace crm::test
