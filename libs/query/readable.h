#pragma once

#include <optional>
#include <set>

#include "libs/query/read.h"

namespace crm::query {

// Where a user may read few of many records, they are found by what opens them (owners, shares,
// owners of records above), rather than by looking at all.

// Ids of the records of a type that the moment's guard may let through: all that it does, and few
// others. nullopt: there are more than `most`, or they can not be found so.
std::optional<std::set<record::Uuid>> FindReadable(const Moment& moment,
                                                   const record::RecordType& type, size_t most);

// The page of these records that a plan selects, in its order; `after` as in ReadPage.
Page PageOfFew(const Moment& moment, const record::RecordType& type, const Plan& plan,
               const std::set<record::Uuid>& ids, const std::string& after, size_t size,
               bool count);

}  // namespace crm::query
