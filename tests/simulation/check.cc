#include "tests/simulation/check.h"

namespace crm::simulation {

Check::Check(World& world) : world_(world) {}

Check::Counts& Check::Counts::operator+=(const Counts& more) {
  commits += more.commits;
  acknowledged += more.acknowledged;
  refused += more.refused;
  reads += more.reads;
  peeks += more.peeks;
  changes += more.changes;
  return *this;
}

std::string Check::Counts::Average(double runs) const {
  std::string text;
  const std::pair<const char*, size_t> counts[] = {
      {"commits", commits}, {"acknowledged", acknowledged}, {"refused", refused},
      {"reads", reads},     {"projections seen", peeks},    {"changes watched", changes}};
  for (const auto& [name, count] : counts) {
    const auto tenths = static_cast<int64_t>(static_cast<double>(count) * 10 / runs);
    text += (text.empty() ? "" : ", ") + std::to_string(tenths / 10) + "." +
            std::to_string(tenths % 10) + " " + name;
  }
  return text;
}

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
