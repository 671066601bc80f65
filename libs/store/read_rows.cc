#include "libs/store/read_rows.h"

#include <algorithm>
#include <functional>

#include "libs/record/check.h"

namespace crm::store {
namespace {

// More than there are commands between being decided and being applied.
constexpr size_t kRows = 1024;
constexpr size_t kLargest = 8 << 10;

size_t PlaceOf(std::string_view key) { return std::hash<std::string_view>()(key) % kRows; }

}  // namespace

void ReadRows::Keep(std::string_view key, std::string_view row) {
  CRM_CHECK(key.size() == kRecordKeySize);
  if (row.size() > kLargest) return;
  if (rows_.empty()) rows_.resize(kRows);
  Row& place = rows_[PlaceOf(key)];
  std::copy(key.begin(), key.end(), place.key.begin());
  if (!place.value) place.value.emplace();
  place.value->assign(row);
}

const std::string* ReadRows::Find(std::string_view key) const {
  if (rows_.empty()) return nullptr;
  const Row& place = rows_[PlaceOf(key)];
  return place.Is(key) ? &*place.value : nullptr;
}

std::optional<std::string> ReadRows::Take(std::string_view key) {
  if (rows_.empty()) return std::nullopt;
  Row& place = rows_[PlaceOf(key)];
  if (!place.Is(key)) return std::nullopt;
  std::optional<std::string> taken = std::move(place.value);
  place.value.reset();
  return taken;
}

}  // namespace crm::store
