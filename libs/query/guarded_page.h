#pragma once

#include "libs/query/read.h"

namespace crm::query {

// A page of what the moment's guard lets through, by whichever way is likely to look at least: one
// record after the other where many may be read, else the ranges of those whose records may be
// read, merged. A page is as full as without a guard, and its last key is that of a record that was
// shown: nothing tells of those that were passed over.
Page ReadGuardedPage(const Moment& moment, const record::RecordType& type, const Plan& plan,
                     const std::string& after, size_t size, bool count);

}  // namespace crm::query
