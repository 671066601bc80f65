#pragma once

#include "libs/query/read.h"

namespace crm::query {

// A page of what the moment's guard lets through. A page is as full as without a guard, and its
// last key is that of a record that was shown: nothing tells of those that were passed over. Fails
// where too many would have to be looked at.
record::Status ReadGuardedPage(const Moment& moment, const record::RecordType& type,
                               const store::IndexRange& range, const store::IndexRange& whole,
                               size_t size, bool count, Page* page);

}  // namespace crm::query
