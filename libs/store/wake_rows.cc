#include "libs/store/wake_rows.h"

#include "libs/store/key.h"

namespace crm::store {

void MoveWakes(const record::RecordType& type, const RecordKey& key, std::string_view tenant,
               std::string_view before, std::string_view after, SortedBatch* batch) {
  if (type.annotation.wake().empty()) return;
  const auto was = WakeTimesOf(type, before);
  const auto is = WakeTimesOf(type, after);
  for (size_t i = 0; i < was.size(); ++i) {
    if (was[i] == is[i]) continue;
    const auto field = static_cast<uint16_t>(i);
    if (was[i] != 0) {
      batch->Remove(Table::kWake, WakeKey(key, field, was[i]));
      batch->Remove(Table::kWake, WakeOfAllKey(key, field, was[i]));
    }
    if (is[i] != 0) {
      batch->Put(Table::kWake, WakeKey(key, field, is[i]), {});
      batch->Put(Table::kWake, WakeOfAllKey(key, field, is[i]), tenant);
    }
  }
}

}  // namespace crm::store
