#pragma once

#include <cstdint>
#include <optional>

namespace crm::simulation {

// Which seeds to run: `--seed N` or CRM_SEED=N for one, CRM_SEEDS=from:count for others than usual.
struct Seeds {
  uint64_t from = 1;
  uint64_t count = 0;
  bool chosen = false;
};
Seeds& ChosenSeeds();

}  // namespace crm::simulation
