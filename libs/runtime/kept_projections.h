#pragma once

#include <string>
#include <vector>

#include "libs/log/log.h"
#include "libs/record/result.h"
#include "libs/store/store.h"

namespace crm::runtime {

// What the folder holds was read from these logs: whoever joins a group with another log's
// projections would be given partitions that it can not serve. The stores are by partition, and
// nobody else uses them yet. An error says which folder is another's, and what to do, `flag` beside
// --data being what says which log it is; a log that can not be asked now is no reason against it
// (R5 is looked at again before anything is read).
record::Result<record::Done> CheckKeptProjections(log::Log& log,
                                                  const std::vector<store::Store*>& stores,
                                                  const std::string& flag);

}  // namespace crm::runtime
