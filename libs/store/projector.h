#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "libs/log/automaton.h"
#include "libs/record/catalogue.h"
#include "libs/record/spans.h"
#include "libs/store/attempts.h"
#include "libs/store/event.h"
#include "libs/store/layout.h"
#include "libs/store/mutations.h"
#include "libs/store/reached_rows.h"
#include "libs/store/read_rows.h"
#include "libs/store/replica_source.h"
#include "libs/store/sorted_batch.h"
#include "libs/store/tables.h"
#include "libs/store/tenants.h"

namespace crm::store {

// Turns commits into what they change in the tables: functions of a record before and after.
class Projector {
 public:
  // `service`: whose log it is; empty: one that holds all record types. `read`: rows that need not
  // be read again.
  Projector(const record::Catalogue& catalogue, const std::string& service, const Places& places,
            const Tables& tables, ReadRows& read, Attempts& attempts, Mutations mutations);

  // The batch is valid until the next call. It must be written before it.
  rocksdb::WriteBatch* Project(std::span<const log::Commit> commits,
                               const log::Automaton::State& after);

  // The same for what is kept of another service's records.
  rocksdb::WriteBatch* ProjectReplicas(ReplicaSource& source, std::span<const log::Commit> commits,
                                       const log::Automaton::State& after);

  // Events of record types that are not the service's, or with subjects that are none: they have
  // no place in the tables, and are left out.
  uint64_t skipped() const { return skipped_; }
  // Tenants whose events are passed over, because one of them could not be applied.
  uint64_t parked() const { return parked_; }

 private:
  void AddCommit(const log::Commit& commit);
  // The commit's tenant, if it is left out from here on.
  bool PassesOver(const log::Commit& commit);
  void AddEvent(const log::Stored& event, const EventFacts& facts, TenantNumber tenant,
                int64_t position);
  void AddReplica(ReplicaSource& source, const log::Stored& event);
  void AddNumber(std::string outbox_key, uint64_t number);
  void EndCommit(const EventFacts& last, TenantNumber tenant, int64_t position);
  // A record as the batch has it so far, or as it is in the table.
  struct Current {
    std::string_view image;      // points into a commit, or into one of the last two
    std::vector<int64_t> since;  // by slot
    std::optional<std::string> kept;
    rocksdb::PinnableSlice found;
  };
  Current& Find(const RecordKey& key, const record::RecordType& type);
  std::string_view ReadRow(Current* current);

  // `kept`: the indexes that a replica is in; null: all of them, and for past moments where
  // declared.
  void MoveInIndexes(const record::RecordType& type, const KeptIndexes* kept, const RecordKey& key,
                     Current* current, std::string_view after, int64_t position);
  // Since when a record has a key in an index, if its row does not say so.
  int64_t SinceOf(const std::string& index_key);
  // Files under past moments that the key was there from `since` until `position`.
  void Close(const std::string& index_key, int64_t since, int64_t position);
  void PutRecord(const Current& current);
  // Files the record as one whose delete, or merge, takes several commits, or no more.
  void NoteOperations(const record::RecordType& type, const RecordKey& key,
                      const std::optional<record::Spans>& before,
                      const std::optional<record::Spans>& after);

  const record::Catalogue& catalogue_;
  const std::string& service_;
  const Places& places_;
  const Tables& tables_;
  ReadRows& read_;
  Attempts& attempts_;
  [[no_unique_address]] const Mutations mutations_;
  Tenants tenants_;
  ReachedRows reached_;
  SortedBatch batch_;
  struct HashId {
    size_t operator()(const RecordKey& key) const {
      return std::hash<std::string_view>()(key.id.Bytes());
    }
  };
  std::unordered_map<RecordKey, Current, HashId> records_;  // of this batch
  std::unordered_map<std::string, uint64_t> numbers_;       // highest ones, by outbox key
  uint64_t skipped_ = 0;
  uint64_t parked_ = 0;
  // Reused, because allocating them anew for each event shows in the profile.
  std::string record_key_, old_key_, new_key_, past_key_, value_;
};

}  // namespace crm::store
