#pragma once

#include <cstdint>

#include "libs/record/mutations.h"

// Each mutation leaves out one rule of the log's protocol.
namespace crm::log {

enum class Mutation : uint8_t {
  kNoSequence,       // R2: neither duplicates nor holes are seen
  kNoCompareAndSet,  // R1: every claim counts
  kNoNewestClaim,    // R2: records of deposed claims count
  kNoCommitBuffer,   // R3: each event is applied when it comes
  kNoReadToClaim,    // C2, C3: the delivery report makes the owner
  kAckOutOfOrder,    // A2: the newest commit is confirmed with the first
  kNoGapReading,     // A3: a report's offset is believed
  kErrorKeepsClaim,  // A4: an error fails the commits, the claim goes on
  kNoLease,          // L1: an owner always answers default reads
  kLeaseFlag,        // L2: a step sets a flag that reads look at
  kNoTakeOverWait,   // L3
  kReleaseEarly,     // L4: `released` although the own take-over wait is not over
  kNoContentCheck,   // R5: what the log held before is not compared
  kNoBackOff,        // C4: who lost claims again at once, confirmed or not
};

using Mutations = record::MutationSet<Mutation>;

}  // namespace crm::log
