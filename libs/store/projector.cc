#include "libs/store/projector.h"

#include <cstdio>
#include <optional>

#include "libs/record/check.h"
#include "libs/record/name.h"
#include "libs/store/index_key.h"
#include "libs/store/key.h"
#include "libs/store/wake_rows.h"

namespace crm::store {

Projector::Projector(const record::Catalogue& catalogue, const std::string& service,
                     const Places& places, const Tables& tables, ReadRows& read, Attempts& attempts,
                     Mutations mutations)
    : catalogue_(catalogue),
      service_(service),
      places_(places),
      tables_(tables),
      read_(read),
      attempts_(attempts),
      mutations_(mutations),
      tenants_(tables),
      reached_(tables),
      parked_(tenants_.parked()) {}

rocksdb::WriteBatch* Projector::Project(std::span<const log::Commit> commits,
                                        const log::Automaton::State& after) {
  records_.clear();
  numbers_.clear();
  for (const auto& commit : commits) {
    attempts_.Begin(commit.position());
    if (!PassesOver(commit)) AddCommit(commit);
  }
  attempts_.End();
  reached_.AddTo(&batch_);
  tenants_.AddTo(&batch_);
  batch_.Put(Table::kMeta, kStateKey, after.Encode());
  return batch_.Build(tables_);
}

// What ended the process twice would end it for ever, and other tenants wait behind it.
bool Projector::PassesOver(const log::Commit& commit) {
  const bool failed = attempts_.FailedTwice(commit.position());
  if (!failed && parked_ == 0) return false;
  const auto facts = ReadEvent(*commit.events.front().body);
  if (!facts || facts->tenant.empty()) return failed;
  if (failed && !tenants_.Parked(facts->tenant)) {
    tenants_.Park(facts->tenant);
    ++parked_;
    std::fprintf(stderr, "store: tenant %s is parked: its commit at offset %lld ends the process\n",
                 std::string(facts->tenant).c_str(), static_cast<long long>(commit.position()));
  }
  return tenants_.Parked(facts->tenant);
}

void Projector::AddCommit(const log::Commit& commit) {
  for (const auto& event : commit.events) {
    const auto facts = ReadEvent(*event.body);
    if (facts && facts->type == log::kReachedType) {
      reached_.AddRecord(facts->value);
      continue;
    }
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
    batch_.Put(Table::kMeta, kPassedOverKey, {});
    return;
  }
  CRM_CHECK(!mutations_.Has(Mutation::kPoison) ||
            after->find("poison pill") == std::string_view::npos);
  const RecordKey key{tenant, type->number, name->id};
  Current& current = Find(key, *type);
  MoveWakes(*type, key, facts.tenant, current.image, *after, &batch_);
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
  source.changed.emplace(facts->tenant);
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
  reached_.AddCommit(last);
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
  current.image = SplitRow(ReadRow(&current), places_.Slots(type), &current.since);
  return current;
}

// Empty if there is none.
std::string_view Projector::ReadRow(Current* current) {
  current->kept = read_.Take(record_key_);
  if (current->kept) return *current->kept;
  const auto status = tables_.db().Get({}, tables_[Table::kRecord], record_key_, &current->found);
  if (status.IsNotFound()) return {};
  tables_.Check(status, "reading a record");
  return current->found.ToStringView();
}

void Projector::PutRecord(const Current& current) {
  value_.clear();
  if (!current.image.empty()) AppendRowHead(current.since, &value_);
  batch_.Put(Table::kRecord, record_key_, value_, current.image);
}

void Projector::MoveInIndexes(const record::RecordType& type, const KeptIndexes* kept,
                              const RecordKey& key, Current* current, std::string_view after,
                              int64_t position) {
  const auto old_spans = SpansOf(current->image);
  const auto new_spans = SpansOf(after);
  if (!kept) NoteOperations(type, key, old_spans, new_spans);  // another service has its own
  const auto& places = places_.Of(type);
  for (size_t i = 0; i < places.size(); ++i) {
    const auto& index = type.indexes[i];
    const auto& place = places[i];
    if (kept && !kept->contains(index.number)) continue;
    if (!kept && !place.Has(record_key_)) {
      // The index is being built, and will be told by the history.
      if (place.slot >= 0) current->since[static_cast<size_t>(place.slot)] = kUnknownSince;
      continue;
    }
    if (old_spans && new_spans && SameValues(index, *old_spans, *new_spans)) continue;
    BuildIndexKey(key, index, place.number, old_spans, &old_key_);
    BuildIndexKey(key, index, place.number, new_spans, &new_key_);
    if (old_key_ == new_key_) continue;
    int64_t* const since =
        kept || place.slot < 0 ? nullptr : &current->since[static_cast<size_t>(place.slot)];
    if (!old_key_.empty()) {
      batch_.Remove(Table::kIndex, old_key_);
      if (since) Close(old_key_, *since == kUnknownSince ? SinceOf(old_key_) : *since, position);
    }
    if (!new_key_.empty()) {
      batch_.Put(Table::kIndex, new_key_, NumberValue(position));
      if (since) *since = position;
    }
  }
}

int64_t Projector::SinceOf(const std::string& index_key) {
  rocksdb::PinnableSlice found;
  tables_.Check(tables_.db().Get({}, tables_[Table::kIndex], index_key, &found),
                "reading an index");
  return ReadNumber<int64_t>(found.ToStringView());
}

void Projector::NoteOperations(const record::RecordType& type, const RecordKey& key,
                               const std::optional<record::Spans>& before,
                               const std::optional<record::Spans>& after) {
  const auto has = [](const std::optional<record::Spans>& spans, uint32_t field) {
    return field != 0 && spans && spans->Has(field);
  };
  const auto file = [&](bool is, const std::string& row) {
    if (!is) return batch_.Remove(Table::kMeta, row);
    batch_.Put(Table::kMeta, row, {});
    tenants_.NoteCascade();
  };
  const bool goes = has(after, record::kDeleteTime);
  if (has(before, record::kDeleteTime) != goes) {
    file(goes, CascadeKey(key, false));
    if (goes) batch_.Put(Table::kMeta, CascadeKey(key, true), {});
  }
  const uint32_t moving_time = places_.MovingTime(type);
  const bool moves = has(after, moving_time);
  if (has(before, moving_time) != moves) file(moves, MovingKey(key));
}

void Projector::Close(const std::string& index_key, int64_t since, int64_t position) {
  if (since == position) return;  // came and went within one commit
  BuildPastKey(index_key, since, position, &past_key_);
  batch_.Put(Table::kIndexPast, past_key_, NumberValue(since));
}

}  // namespace crm::store
