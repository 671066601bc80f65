#pragma once

#include <rocksdb/write_batch.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "libs/log/automaton.h"
#include "libs/record/catalogue.h"
#include "libs/record/spans.h"
#include "libs/store/event.h"
#include "libs/store/tables.h"
#include "libs/store/tenants.h"

namespace crm::store {

// Turns commits into what they change in the tables: functions of a record before and after.
class Projector {
 public:
  Projector(const record::Catalogue& catalogue, const Tables& tables);

  // The batch is valid until the next call. It must be written before it.
  rocksdb::WriteBatch* Project(std::span<const log::Commit> commits,
                               const log::Automaton::State& after);

  // Events of record types or with subjects that the catalogue does not know: they have no place
  // in the tables, and are left out.
  uint64_t skipped() const { return skipped_; }

 private:
  void AddCommit(const log::Commit& commit);
  void AddEvent(const log::Stored& event, const EventFacts& facts, TenantNumber tenant,
                int64_t position);
  void AddNumber(std::string outbox_key, uint64_t number);
  void EndCommit(const EventFacts& last, TenantNumber tenant, int64_t position);
  // The record's image before the event, out of the batch or the table.
  std::string_view Before(const RecordKey& key);

  void MoveInIndexes(const record::RecordType& type, const RecordKey& key, std::string_view before,
                     std::string_view after, int64_t position);
  void Enter(const record::Index& index, const std::string& index_key, int64_t position);
  void Leave(const record::Index& index, const std::string& index_key, int64_t position);
  int64_t Since(const std::string& index_key);

  const record::Catalogue& catalogue_;
  const Tables& tables_;
  Tenants tenants_;
  rocksdb::WriteBatch batch_;
  // What the batch holds already: images (they point into the commits); since when, by key, of
  // indexes that are kept for past moments; highest numbers, by key.
  struct HashId {
    size_t operator()(const RecordKey& key) const {
      return std::hash<std::string_view>()(key.id.Bytes());
    }
  };
  std::unordered_map<RecordKey, std::string_view, HashId> images_;
  std::unordered_map<std::string, int64_t> entered_;
  std::unordered_map<std::string, uint64_t> numbers_;
  uint64_t skipped_ = 0;
  // Reused, because allocating them anew for each event shows in the profile.
  rocksdb::PinnableSlice found_;
  std::string record_key_, old_key_, new_key_, past_key_, value_;
};

}  // namespace crm::store
