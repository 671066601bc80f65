#include "libs/store/projector.h"

#include <optional>

#include "libs/record/name.h"
#include "libs/store/index_key.h"
#include "libs/store/key.h"

namespace crm::store {

Projector::Projector(const record::Catalogue& catalogue, const std::string& service,
                     const Tables& tables)
    : catalogue_(catalogue), service_(service), tables_(tables), tenants_(tables) {}

rocksdb::WriteBatch* Projector::Project(std::span<const log::Commit> commits,
                                        const log::Automaton::State& after) {
  records_.clear();
  numbers_.clear();
  for (const auto& commit : commits) AddCommit(commit);
  tenants_.AddTo(&batch_);
  batch_.Put(Table::kMeta, kStateKey, after.Encode());
  return batch_.Build(tables_);
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
  const bool own = type && (service_.empty() || type->HostedBy(service_));
  const auto after = own ? ImageIn(facts.value, type->number) : std::nullopt;
  if (!after) {
    ++skipped_;
    return;
  }
  const RecordKey key{tenant, type->number, name->id};
  Current& current = Find(key, *type);
  MoveInIndexes(*type, nullptr, key, &current, *after, position);
  current.image = *after;
  PutRecord(current);

  AppendNumber(event.offset, &record_key_);
  batch_.Put(Table::kHistory, record_key_, {}, *event.body);
  batch_.Put(Table::kChange, ChangeKey(tenant, event.offset),
             EncodeChange({event.offset, position, key.type, key.id, facts.time_us}));
}

rocksdb::WriteBatch* Projector::ProjectReplicas(ReplicaSource& source,
                                                std::span<const log::Commit> commits,
                                                const log::Automaton::State& after) {
  records_.clear();
  for (const auto& commit : commits) {
    for (const auto& event : commit.events) AddReplica(source, event);
  }
  tenants_.AddTo(&batch_);
  batch_.Put(Table::kMeta, ReplicaKey(source.service, source.partition), after.Encode());
  return batch_.Build(tables_);
}

void Projector::AddReplica(ReplicaSource& source, const log::Stored& event) {
  const auto facts = ReadEvent(*event.body);
  if (facts && facts->tenant.empty()) return;  // the log's own
  const auto name = facts ? record::Name::Parse(facts->subject) : std::nullopt;
  const auto* type = name ? catalogue_.FindType(name->collection) : nullptr;
  const auto after = type ? ImageIn(facts->value, type->number) : std::nullopt;
  if (!after) {
    ++source.skipped;
    return;
  }
  const auto kept = source.kept.find(type->number);
  if (kept == source.kept.end()) return;
  if (!source.whole && !source.everywhere.contains(facts->tenant)) return;
  const RecordKey key{tenants_.Number(facts->tenant), type->number, name->id};
  Current& current = Find(key, *type);
  MoveInIndexes(*type, &kept->second, key, &current, *after, event.offset);
  current.image = *after;
  PutRecord(current);
}

void Projector::EndCommit(const EventFacts& last, TenantNumber tenant, int64_t position) {
  if (!last.request.empty()) {
    batch_.Put(Table::kRequest, TextKey(tenant, last.request),
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
  batch_.Put(Table::kOutbox, it->first, NumberValue(static_cast<int64_t>(number)));
}

Projector::Current& Projector::Find(const RecordKey& key, const record::RecordType& type) {
  record_key_.clear();
  AppendRecordKey(key, &record_key_);
  const auto [it, first] = records_.try_emplace(key);
  Current& current = it->second;
  if (!first) return current;
  const auto status = tables_.db().Get({}, tables_[Table::kRecord], record_key_, &current.found);
  if (!status.IsNotFound()) tables_.Check(status, "reading a record");
  auto row = status.ok() ? current.found.ToStringView() : std::string_view();
  current.since.resize(PastIndexes(type));
  if (row.empty()) return current;
  for (auto& since : current.since) since = TakeNumber<int64_t>(&row);
  current.image = row;
  return current;
}

void Projector::PutRecord(const Current& current) {
  value_.clear();
  if (!current.image.empty()) {
    for (const auto since : current.since) AppendNumber(since, &value_);
  }
  batch_.Put(Table::kRecord, record_key_, value_, current.image);
}

void Projector::MoveInIndexes(const record::RecordType& type, const KeptIndexes* kept,
                              const RecordKey& key, Current* current, std::string_view after,
                              int64_t position) {
  const auto old_spans = SpansOf(current->image);
  const auto new_spans = SpansOf(after);
  auto since = current->since.begin();
  for (const auto& index : type.indexes) {
    int64_t* since_here = index.past ? &*since++ : nullptr;
    if (kept) since_here = nullptr;
    if (kept && !kept->contains(index.number)) continue;
    if (old_spans && new_spans && SameValues(index, *old_spans, *new_spans)) continue;
    BuildIndexKey(key, index, old_spans, &old_key_);
    BuildIndexKey(key, index, new_spans, &new_key_);
    if (old_key_ == new_key_) continue;
    if (!old_key_.empty()) {
      batch_.Remove(Table::kIndex, old_key_);
      if (since_here) Close(old_key_, *since_here, position);
    }
    if (!new_key_.empty()) {
      batch_.Put(Table::kIndex, new_key_, NumberValue(position));
      if (since_here) *since_here = position;
    }
  }
}

void Projector::Close(const std::string& index_key, int64_t since, int64_t position) {
  if (since == position) return;  // came and went within one commit
  BuildPastKey(index_key, since, position, &past_key_);
  batch_.Put(Table::kIndexPast, past_key_, NumberValue(since));
}

}  // namespace crm::store
