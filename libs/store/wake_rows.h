#pragma once

#include <string>
#include <string_view>

#include "libs/record/catalogue.h"
#include "libs/store/sorted_batch.h"
#include "libs/store/view.h"

namespace crm::store {

// Adds what a record's change does to the times at which records wake.
void MoveWakes(const record::RecordType& type, const RecordKey& key, std::string_view tenant,
               std::string_view before, std::string_view after, SortedBatch* batch);

}  // namespace crm::store
