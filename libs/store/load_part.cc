#include "libs/store/load_part.h"

#include <algorithm>
#include <optional>

#include "libs/store/key.h"

namespace crm::store {
namespace {

// Follows one record's events: whether it has a field, and has had it.
class Marked {
 public:
  Marked(uint32_t field, const std::optional<record::Spans>& before)
      : field_(field), before_(Has(before)), now_(before_), any_(before_) {}
  void Next(const std::optional<record::Spans>& record) {
    now_ = Has(record);
    any_ |= now_;
  }
  void AddTo(std::vector<LoadPart::Operation>* operations, const RecordKey& record) const {
    if (any_) operations->push_back({record, field_ != record::kDeleteTime, before_, now_});
  }

 private:
  bool Has(const std::optional<record::Spans>& record) const {
    return field_ != 0 && record && record->Has(field_);
  }
  const uint32_t field_;
  const bool before_;
  bool now_;
  bool any_;
};

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
  for (size_t i = 0; i < type.indexes.size(); ++i) places_[i].known = places_[i].moved = false;
  auto before = SpansOf(SplitRow(row, places_of_.Slots(type), &since_));
  Marked deleting(record::kDeleteTime, before);
  Marked moving(places_of_.MovingTime(type), before);
  for (const auto& event : events) {
    auto after = SpansOf(event.image);
    Move(event, before, after);
    deleting.Next(after);
    moving.Next(after);
    before = std::move(after);
    key_.resize(kRecordKeySize);
    AppendNumber(event.offset, &key_);
    history_.Add(&arena_, key_, {}, event.body);
  }
  deleting.AddTo(&operations_, events.front().key);
  moving.AddTo(&operations_, events.front().key);
  MoveWakes(events.back(), row);
  Settle(events.back());
}

// `before`: the image from before all of the record's events.
void LoadPart::MoveWakes(const LoadedEvent& last, std::string_view before) {
  if (last.type->annotation.wake().empty()) return;
  const auto was = WakeTimesOf(*last.type, before);
  const auto is = WakeTimesOf(*last.type, last.image);
  for (size_t i = 0; i < was.size(); ++i) {
    if (was[i] == is[i]) continue;
    const auto field = static_cast<uint16_t>(i);
    if (was[i] != 0) {
      wakes_removed_.Add(&arena_, WakeKey(last.key, field, was[i]), {});
      wakes_removed_.Add(&arena_, WakeOfAllKey(last.key, field, was[i]), {});
    }
    if (is[i] != 0) {
      wakes_put_.Add(&arena_, WakeKey(last.key, field, is[i]), {});
      wakes_put_.Add(&arena_, WakeOfAllKey(last.key, field, is[i]), last.tenant);
    }
  }
}

void LoadPart::Move(const LoadedEvent& event, const std::optional<record::Spans>& before,
                    const std::optional<record::Spans>& after) {
  const auto& indexes = event.type->indexes;
  const auto& places = places_of_.Of(*event.type);
  for (size_t i = 0; i < indexes.size(); ++i) {
    if (before && after && SameValues(indexes[i], *before, *after)) continue;
    if (!places[i].Has(std::string_view(key_).substr(0, kRecordKeySize))) {
      if (places[i].slot >= 0) since_[static_cast<size_t>(places[i].slot)] = kUnknownSince;
      continue;
    }
    Place& place = places_[i];
    if (!place.known) {
      BuildIndexKey(event.key, indexes[i], places[i].number, before, &place.before);
      place.now = place.before;
      place.known = true;
    }
    BuildIndexKey(event.key, indexes[i], places[i].number, after, &value_);
    if (value_ == place.now) continue;
    int64_t* const since =
        places[i].slot < 0 ? nullptr : &since_[static_cast<size_t>(places[i].slot)];
    if (since && !place.now.empty()) {
      if (*since == kUnknownSince) *since = SinceOf(place.now);
      if (*since != event.position) {
        BuildPastKey(place.now, *since, event.position, &past_key_);
        ListOf(&past_, past_key_).Add(&arena_, past_key_, NumberValue(*since));
      }
    }
    place.now.swap(value_);
    place.since = event.position;
    if (since && !place.now.empty()) *since = event.position;
    place.moved = true;
  }
}

// The index is read only if the record has not moved in it here.
int64_t LoadPart::SinceOf(const std::string& index_key) const {
  rocksdb::PinnableSlice found;
  tables_.Check(tables_.db().Get({}, tables_[Table::kIndex], index_key, &found),
                "reading an index");
  return ReadNumber<int64_t>(found.ToStringView());
}

void LoadPart::Settle(const LoadedEvent& last) {
  for (size_t i = 0; i < last.type->indexes.size(); ++i) {
    const Place& place = places_[i];
    if (!place.moved) continue;
    if (!place.before.empty()) {
      ListOf(&removed_, place.before).Add(&arena_, place.before, {});
    }
    if (!place.now.empty()) {
      ListOf(&put_, place.now).Add(&arena_, place.now, NumberValue(place.since));
    }
  }
  key_.resize(kRecordKeySize);
  value_.clear();
  if (!last.image.empty()) AppendRowHead(since_, &value_);
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
