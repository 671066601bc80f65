#pragma once

#include <cstdint>

#include "libs/log/automaton.h"
#include "libs/log/log.h"
#include "libs/log/mutations.h"
#include "libs/record/result.h"

// R5: a log compared with what had been read of it. An error without `retry` says what is
// impossible. What a reader remembers may be older than the log that it is compared with, so both
// may be asked on any thread.
namespace crm::log {

// The log's end, which is not below a position that was read up to (asked twice).
record::Result<int64_t> EndNotBelow(Log& log, int partition, int64_t position, Mutations mutations);

// The log begins with the claim that it is named by, its end is not below the position, and the
// record before the position is the remembered one. The first as well: an owner that writes on in a
// log that was made anew and refilled would only find its own record at its position. Returns the
// end; 0 where nothing had been read.
record::Result<int64_t> CompareContent(Log& log, int partition, const Automaton::State& read,
                                       Mutations mutations);

}  // namespace crm::log
