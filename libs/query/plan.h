#pragma once

#include <string>
#include <vector>

#include "libs/query/filter.h"
#include "libs/record/catalogue.h"
#include "libs/record/status.h"

namespace crm::query {

// Which part of which index answers a list.
struct Plan {
  const record::Index* index = nullptr;
  std::string from;  // inclusive
  std::string to;    // exclusive; empty: the index's end
  bool reverse = false;
};

// Finds the index that answers filter and order without looking at a record that it does not
// select; FAILED_PRECONDITION with reason NO_INDEX, naming what an index would have to begin with,
// where there is none. `as_of`: only indexes that are kept for past moments. `hidden`: numbers of
// fields that must not be in it, because an order, or a page's last key, would tell of them.
record::Status MakePlan(const record::RecordType& type, const std::vector<Term>& terms,
                        const std::vector<OrderField>& order, bool as_of,
                        const std::vector<uint32_t>& hidden, Plan* plan);

}  // namespace crm::query
