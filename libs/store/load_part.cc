#include "libs/store/load_part.h"

#include <algorithm>
#include <optional>

#include "libs/store/key.h"

namespace crm::store {
namespace {

// Rows looked up at a time.
constexpr size_t kLookUps = 128;

// Where the events of the first record end.
size_t FirstRecord(std::span<const LoadedEvent> events) {
  size_t end = 1;
  while (end < events.size() && events[end].key == events.front().key) ++end;
  return end;
}

// The rows that some records have now; empty ones where there is none.
class FoundRows {
 public:
  explicit FoundRows(const Tables& tables)
      : tables_(tables), values_(kLookUps), statuses_(kLookUps) {}

  void LookUp(const std::vector<std::string>& keys) {
    slices_.assign(keys.begin(), keys.end());
    for (auto& value : values_) value.Reset();
    tables_.db().MultiGet({}, tables_[Table::kRecord], slices_.size(), slices_.data(),
                          values_.data(), statuses_.data(), /*sorted_input=*/true);
  }
  std::string_view operator[](size_t i) const {
    if (statuses_[i].IsNotFound()) return {};
    tables_.Check(statuses_[i], "reading a record");
    return values_[i].ToStringView();
  }

 private:
  const Tables& tables_;
  std::vector<rocksdb::Slice> slices_;
  std::vector<rocksdb::PinnableSlice> values_;
  std::vector<rocksdb::Status> statuses_;
};

}  // namespace

void LoadPart::Fold(std::span<const LoadedEvent> events) {
  FoundRows found(tables_);
  std::vector<std::span<const LoadedEvent>> records;
  std::vector<std::string> keys;
  while (!events.empty()) {
    records.clear();
    keys.clear();
    while (!events.empty() && records.size() < kLookUps) {
      records.push_back(events.first(FirstRecord(events)));
      AppendRecordKey(records.back().front().key, &keys.emplace_back());
      events = events.subspan(records.back().size());
    }
    if (!nothing_before_) found.LookUp(keys);
    for (size_t i = 0; i < records.size(); ++i) {
      key_ = keys[i];
      FoldRecord(records[i], nothing_before_ ? std::string_view() : found[i]);
    }
  }
}

void LoadPart::FoldRecord(std::span<const LoadedEvent> events, std::string_view row) {
  const auto& type = *events.front().type;
  if (places_.size() < type.indexes.size()) places_.resize(type.indexes.size());
  for (size_t i = 0; i < type.indexes.size(); ++i) {
    places_[i].known = places_[i].moved = false;
    places_[i].since = type.indexes[i].past && !row.empty() ? TakeNumber<int64_t>(&row) : 0;
  }
  auto before = SpansOf(row);
  for (const auto& event : events) {
    auto after = SpansOf(event.image);
    Move(event, before, after);
    before = std::move(after);
    key_.resize(kRecordKeySize);
    AppendNumber(event.offset, &key_);
    history_.Add(&arena_, key_, {}, event.body);
  }
  Settle(events.back());
}

void LoadPart::Move(const LoadedEvent& event, const std::optional<record::Spans>& before,
                    const std::optional<record::Spans>& after) {
  const auto& indexes = event.type->indexes;
  for (size_t i = 0; i < indexes.size(); ++i) {
    if (before && after && SameValues(indexes[i], *before, *after)) continue;
    Place& place = places_[i];
    if (!place.known) {
      BuildIndexKey(event.key, indexes[i], before, &place.before);
      place.now = place.before;
      place.known = true;
    }
    BuildIndexKey(event.key, indexes[i], after, &value_);
    if (value_ == place.now) continue;
    if (indexes[i].past && !place.now.empty() && place.since != event.position) {
      BuildPastKey(place.now, place.since, event.position, &past_key_);
      ListOf(&past_, past_key_).Add(&arena_, past_key_, NumberValue(place.since));
    }
    place.now.swap(value_);
    if (!place.now.empty()) place.since = event.position;
    place.moved = true;
  }
}

void LoadPart::Settle(const LoadedEvent& last) {
  const auto& indexes = last.type->indexes;
  value_.clear();
  for (size_t i = 0; i < indexes.size(); ++i) {
    const Place& place = places_[i];
    if (indexes[i].past) AppendNumber(place.since, &value_);
    if (!place.moved) continue;
    if (!place.before.empty()) {
      ListOf(&removed_, place.before).Add(&arena_, place.before, {});
    }
    if (!place.now.empty()) {
      ListOf(&put_, place.now).Add(&arena_, place.now, NumberValue(place.since));
    }
  }
  key_.resize(kRecordKeySize);
  if (last.image.empty()) value_.clear();
  records_.Add(&arena_, key_, value_, last.image);
}

RowList& LoadPart::ListOf(ByPrefix* lists, std::string_view key) {
  const auto prefix = key.substr(0, kIndexPrefixSize);
  auto found = lists->find(prefix);
  if (found == lists->end()) {
    found = lists->emplace(std::string(prefix), RowList(kIndexPrefixSize)).first;
  }
  return found->second;
}

}  // namespace crm::store
