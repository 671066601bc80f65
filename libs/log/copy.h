#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "libs/log/log.h"
#include "libs/record/clock.h"
#include "libs/record/result.h"

namespace crm::log {

// What a log holds of one tenant: events that count, and a hash over them in their order, whatever
// partition, offsets, claims and sequences they have.
struct TenantSum {
  uint64_t events = 0;
  std::string hash;  // SHA-256 in hex
  bool operator==(const TenantSum&) const = default;
};
using TenantSums = std::map<std::string, TenantSum>;

struct Copied {
  uint64_t commits = 0;
  uint64_t positions_left_out = 0;  // notes of reactors (log.md, X2), if the partitions changed
  TenantSums tenants;
};

struct CopyOptions {
  // Where a tenant lives among so many partitions.
  std::function<int(std::string_view tenant, int partitions)> place;
  // After each commit: events that were handed over to the target, and then that were found there.
  std::function<void(uint64_t events)> copied = [](uint64_t) {};
  std::function<void(uint64_t events)> compared = [](uint64_t) {};
};

// Writes what counts in `from` into `to`, which must be empty, under claims and sequences of its
// own. Everything else about an event stays: its recorded time, its commit, request and cause. Each
// tenant's events stay in order; where partitions are merged they are by recorded time, so that it
// never goes back. Then the target is read, and refused if it does not hold the same. The claims
// are released at the very end: a log of which that is missing is known by it (copy_end.h).
record::Result<Copied> Copy(Log& from, Log& to, const CopyOptions& options,
                            const record::Clock& clock, record::Random& random);

// What a log holds, as its readers see it.
record::Result<TenantSums> SumUp(
    Log& log, const record::Clock& clock,
    const std::function<void(uint64_t events)>& progress = [](uint64_t) {});

}  // namespace crm::log
