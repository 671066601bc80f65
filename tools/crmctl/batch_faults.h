#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "tools/crmctl/failure.h"
#include "tools/crmctl/row_map.h"

// Which items of a refused batch are at fault.
namespace crm::ctl {

struct BatchFaults {
  // By number of the item.
  std::map<size_t, std::vector<RowFault>> wrong;
  // Items whose ids are taken already.
  std::set<size_t> there;
};

// `names`: of the batch's records, in order.
BatchFaults FaultsOf(const Status& status, const std::vector<std::string>& names);

// Whether leaving rows out, or sending fewer at a time, may help at all.
bool MayBeSplit(const Status& status);

}  // namespace crm::ctl
