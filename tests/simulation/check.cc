#include "tests/simulation/check.h"

namespace crm::simulation {

Check::Check(World& world) : world_(world) {}

const Record* Check::At(size_t commits, const std::string& tenant, const std::string& name) const {
  auto found = states_[commits].find({tenant, name});
  return found == states_[commits].end() ? nullptr : found->second.get();
}

void Check::All() {
  history_ = History::Read(world_.log(), world_.plan().log_mutations, &world_.findings());
  Commits();
  Clocks();
  Answers();
  Order();
  Reads();
  Linearizable();
  Watched();
  Peeked();
  Projections();
  Reading();
  counts_.commits = history_.commits.size();
}

}  // namespace crm::simulation
