#pragma once

#include "libs/query/readable.h"

namespace crm::query {

// Whether the records of one owner stand together in the plan's index, or in one beside it, in the
// plan's order.
bool MergesOwners(const Plan& plan);

// The page that a plan selects of what the openers open, in its order; `after` as in ReadPage.
// Looks at the range of each owner and at the others, and at nothing besides, as long as
// MergesOwners.
Page ReadMergedPage(const Moment& moment, const record::RecordType& type, const Plan& plan,
                    const Openers& openers, const std::string& after, size_t size, bool count);

}  // namespace crm::query
