#include <algorithm>

#include "libs/record/check.h"
#include "libs/record/name.h"
#include "tests/simulation/check.h"

// The projections of all processes, against ones that are built from the log alone.
namespace crm::simulation {

void Check::Projections() {
  store::StoreOptions options;
  options.path = "/store";
  options.disk = store::Disk::InMemory();
  auto scratch = store::Store::Open(options, world_.catalogue());
  CRM_CHECK(scratch);
  (*scratch)->Apply(history_.raw, history_.state);
  const auto view = (*scratch)->Snapshot();
  for (const auto& [key, record] : states_.back()) {
    const auto name = record::Name::Parse(key.second);
    const auto* type = world_.catalogue().FindType(name->collection);
    const auto image = view->Record({view->Tenant(key.first)->number, type->number, name->id});
    if (!image || *image != (record->deleted ? "" : record->image)) {
      Found(Invariant::kI7, "projections have another image of " + key.second + " than the model");
    }
  }
  for (const char* tenant : kTenants) {
    const auto expected = view->Verify(tenant);
    for (size_t i = 0; i < world_.processes(); ++i) {
      Process& process = world_.process(i);
      // Who was stopped by a finding of another kind may be behind.
      if (!process.running() || process.shard().applied() < view->applied()) continue;
      if (process.store().Snapshot()->Verify(tenant) != expected) {
        Found(Invariant::kI7, "process " + std::to_string(i) +
                                  " has other projections than are built from the log");
      }
    }
  }
}

// The automaton against the rules as ReferencePositions has them; with a rule left out on purpose
// they differ, of course.
void Check::Reading() {
  if (world_.plan().log_mutations.any()) return;
  std::vector<int64_t> positions;
  for (const HistoryCommit& commit : history_.commits) positions.push_back(commit.position);
  if (positions != ReferencePositions(world_.log())) {
    Found(Invariant::kReading, "the automaton lets other commits count than the rules do");
  }
}

}  // namespace crm::simulation
