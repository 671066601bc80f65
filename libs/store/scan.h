#pragma once

#include <memory>

#include "libs/store/moment.h"
#include "libs/store/view.h"

namespace crm::store {

// An index's keys as they are. The range's index is the one in the tables, here and below.
std::unique_ptr<IndexCursor> ScanNow(std::shared_ptr<const Moment> moment, const IndexRange& range);
// No keys.
std::unique_ptr<IndexCursor> ScanNothing();

// An index's keys as they were at `position`. No interval in the tables ends behind `newest`.
std::unique_ptr<IndexCursor> ScanPast(std::shared_ptr<const Moment> moment, const IndexRange& range,
                                      int64_t position, int64_t newest);

}  // namespace crm::store
