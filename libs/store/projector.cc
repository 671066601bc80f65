#include "libs/store/projector.h"

#include <optional>

#include "libs/record/check.h"
#include "libs/record/key.h"
#include "libs/record/name.h"
#include "libs/store/fork.h"
#include "libs/store/key.h"

namespace crm::store {
namespace {

using record::Spans;

bool SameField(uint32_t number, const Spans& before, const Spans& after) {
  const auto old_spans = before.All(number);
  const auto new_spans = after.All(number);
  if (old_spans.size() != new_spans.size()) return false;
  for (size_t i = 0; i < old_spans.size(); ++i) {
    if (old_spans[i].whole != new_spans[i].whole) return false;
  }
  return true;
}

// Most updates touch few indexes, and a text's sort key costs more than comparing its bytes.
bool SameValues(const record::Index& index, const Spans& before, const Spans& after) {
  for (const auto& path : index.by) {
    if (!SameField(path.front()->number, before, after)) return false;
  }
  return true;
}

void BuildIndexKey(const RecordKey& key, const record::Index& index,
                   const std::optional<Spans>& spans, std::string* out) {
  out->clear();
  if (!spans) return;
  AppendIndexPrefix(key.tenant, key.type, index.number, out);
  record::AppendIndexValues(index, *spans, out);
  out->append(key.id.Bytes());
}

std::optional<Spans> Read(std::string_view image) {
  if (image.empty()) return std::nullopt;
  return Spans::Read(image);
}

}  // namespace

Projector::Projector(const record::Catalogue& catalogue, const Tables& tables)
    : catalogue_(catalogue), tables_(tables), tenants_(tables) {}

rocksdb::WriteBatch* Projector::Project(std::span<const log::Commit> commits,
                                        const log::Automaton::State& after) {
  batch_.Clear();
  images_.clear();
  entered_.clear();
  numbers_.clear();
  for (const auto& commit : commits) AddCommit(commit);
  tenants_.AddTo(&batch_, tables_[Table::kMeta]);
  batch_.Put(tables_[Table::kMeta], kStateKey, after.Encode());
  return &batch_;
}

void Projector::AddCommit(const log::Commit& commit) {
  for (const auto& event : commit.events) {
    const auto facts = ReadEvent(*event.body);
    if (!facts || facts->tenant.empty()) {
      ++skipped_;
      continue;
    }
    const TenantNumber tenant = tenants_.Meet(*facts);
    AddEvent(event, *facts, tenant, commit.position());
    if (&event == &commit.events.back()) EndCommit(*facts, tenant, commit.position());
  }
}

void Projector::AddEvent(const log::Stored& event, const EventFacts& facts, TenantNumber tenant,
                         int64_t position) {
  const auto name = record::Name::Parse(facts.subject);
  const auto* type = name ? catalogue_.FindType(name->collection) : nullptr;
  const auto after = type ? ImageIn(facts.value, type->number) : std::nullopt;
  if (!after) {
    ++skipped_;
    return;
  }
  const RecordKey key{tenant, type->number, name->id};
  record_key_.clear();
  AppendRecordKey(key, &record_key_);
  MoveInIndexes(*type, key, Before(key), *after, position);
  batch_.Put(tables_[Table::kRecord], record_key_, *after);
  images_[key] = *after;
  AppendNumber(event.offset, &record_key_);
  batch_.Put(tables_[Table::kHistory], record_key_, *event.body);
  batch_.Put(tables_[Table::kChange], ChangeKey(tenant, event.offset),
             EncodeChange({event.offset, position, key.type, key.id, facts.time_us}));
}

void Projector::EndCommit(const EventFacts& last, TenantNumber tenant, int64_t position) {
  if (!last.request.empty()) {
    batch_.Put(tables_[Table::kRequest], TextKey(tenant, last.request),
               EncodeRequest({std::string(last.request_hash), position, last.recorded_time_us}));
  }
  if (const auto outbox = ParseOutbox(last.outbox)) {
    AddNumber(TextKey(tenant, outbox->source), outbox->number);
  }
}

void Projector::AddNumber(std::string outbox_key, uint64_t number) {
  auto it = numbers_.find(outbox_key);
  if (it == numbers_.end()) {
    rocksdb::PinnableSlice found;
    const auto status = tables_.db().Get({}, tables_[Table::kOutbox], outbox_key, &found);
    if (!status.IsNotFound()) tables_.Check(status, "reading an outbox");
    const auto highest = status.ok() ? ReadNumber<uint64_t>(found.ToStringView()) : 0;
    it = numbers_.emplace(std::move(outbox_key), highest).first;
  }
  if (number <= it->second) return;
  it->second = number;
  batch_.Put(tables_[Table::kOutbox], it->first, NumberValue(static_cast<int64_t>(number)));
}

std::string_view Projector::Before(const RecordKey& key) {
  if (const auto it = images_.find(key); it != images_.end()) return it->second;
  found_.Reset();
  const auto status = tables_.db().Get({}, tables_[Table::kRecord], record_key_, &found_);
  if (status.IsNotFound()) return {};
  tables_.Check(status, "reading a record");
  return found_.ToStringView();
}

void Projector::MoveInIndexes(const record::RecordType& type, const RecordKey& key,
                              std::string_view before, std::string_view after, int64_t position) {
  const auto old_spans = Read(before);
  const auto new_spans = Read(after);
  for (const auto& index : type.indexes) {
    if (old_spans && new_spans && SameValues(index, *old_spans, *new_spans)) continue;
    BuildIndexKey(key, index, old_spans, &old_key_);
    BuildIndexKey(key, index, new_spans, &new_key_);
    if (old_key_ == new_key_) continue;
    if (!old_key_.empty()) Leave(index, old_key_, position);
    if (!new_key_.empty()) Enter(index, new_key_, position);
  }
}

void Projector::Enter(const record::Index& index, const std::string& index_key, int64_t position) {
  value_.clear();
  AppendNumber(position, &value_);
  batch_.Put(tables_[Table::kIndex], index_key, value_);
  if (index.past) entered_[index_key] = position;
}

void Projector::Leave(const record::Index& index, const std::string& index_key, int64_t position) {
  // A key is put only while it is not there, which is what SingleDelete asks for.
  batch_.SingleDelete(tables_[Table::kIndex], index_key);
  if (!index.past) return;
  const int64_t since = Since(index_key);
  if (since == position) return;  // came and went within one commit
  past_key_.assign(index_key, 0, kIndexPrefixSize);
  AppendNumber(ForkNode(static_cast<uint64_t>(since), static_cast<uint64_t>(position - 1)),
               &past_key_);
  past_key_.append(index_key, kIndexPrefixSize);
  AppendNumber(position, &past_key_);
  value_.clear();
  AppendNumber(since, &value_);
  batch_.Put(tables_[Table::kIndexPast], past_key_, value_);
}

int64_t Projector::Since(const std::string& index_key) {
  if (const auto it = entered_.find(index_key); it != entered_.end()) return it->second;
  rocksdb::PinnableSlice since;
  tables_.Check(tables_.db().Get({}, tables_[Table::kIndex], index_key, &since),
                "reading an index");
  CRM_CHECK(since.size() == kPositionSize);
  return ReadNumber<int64_t>(since.ToStringView());
}

}  // namespace crm::store
