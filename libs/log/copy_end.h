#pragma once

#include "libs/log/log.h"
#include "libs/record/result.h"

namespace crm::log {

// A log that Copy() (copy.h) has not written to its end looks whole, and is not: an error says so,
// once for the whole log. One that was never copied, or has been written to by an owner since, is
// as it should be. Asks for a record or two of each partition, and only of a copied log for more
// than one. A log that can not be asked now gives an error with `retry`.
record::Result<record::Done> CheckCopyEnded(Log& log);

}  // namespace crm::log
