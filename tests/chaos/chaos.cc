#include "tests/chaos/chaos.h"

#include <cstdlib>
#include <iostream>
#include <string>

namespace crm::test {

int64_t Chaos::FromEnvironment(const char* name, int64_t preset) {
  const char* value = std::getenv(name);
  return value == nullptr ? preset : std::stoll(value);
}

Load::Settings Chaos::LoadSettings() const {
  Load::Settings settings;
  settings.seed = seed_;
  return settings;
}

void Chaos::Let(Load& load, std::chrono::milliseconds time) {
  load.Pause(time);
  load.AwaitCommands(load.commands() + 5);
}

void Chaos::Conclude(Cluster& cluster, Load& load) {
  load.AwaitCommands(load.commands() + 20);
  load.End();
  cluster.ExpectEqual(Cluster::Tenants());
  load.ExpectKept();
  load.ExpectAnalystsCountTheSame();
  const auto figures = load.figures();
  std::cout << figures.commands << " commands, " << figures.attempts << " attempts, "
            << figures.unavailable << " unavailable, slowest " << figures.slowest_us / 1000 << " ms"
            << std::endl;
  if (HasFailure()) std::cout << cluster.Describe() << std::endl;
}

}  // namespace crm::test
