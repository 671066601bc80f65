#pragma once

#include <prometheus/collectable.h>

#include <atomic>
#include <vector>

#include "libs/record/catalogue.h"
#include "libs/record/clock.h"
#include "libs/runtime/admin.h"
#include "libs/runtime/shards.h"

namespace crm::runtime {

// How far the process is; written by serve.cc, read by probes.
struct Progress {
  std::atomic<bool> started{false};  // ready once; says no more than that recovery is over
  std::atomic<bool> ready{false};
  std::atomic<bool> draining{false};
};

// /metrics, /healthz, /readyz, /startupz, /descriptors.pb and POST /snapshot, which says what is
// missing where there are no snapshots. All must outlive the pages.
Pages AdminPages(const record::Catalogue& catalogue, const Shards& shards,
                 const record::Clock& clock, const Progress& progress,
                 std::vector<const prometheus::Collectable*> metrics, SnapshotTaker* snapshots);

}  // namespace crm::runtime
