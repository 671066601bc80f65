#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "libs/log/automaton.h"
#include "libs/record/catalogue.h"
#include "libs/store/event.h"
#include "libs/store/load_part.h"
#include "libs/store/reached_rows.h"
#include "libs/store/row_list.h"
#include "libs/store/table_files.h"
#include "libs/store/tenants.h"

namespace crm::store {

// A long piece of the log, turned into what it changes in the tables, as the Projector does it, but
// record by record instead of event by event: what happened to one record lies together then, its
// row is looked up and written once, and rows are written in the order of their keys.
class LoadChunk {
 public:
  // `service`: whose log it is; empty: one that holds all record types. `tenants` are as of what is
  // in the tables; `nothing_before`: which are empty.
  LoadChunk(const record::Catalogue& catalogue, const std::string& service, const Places& places,
            const Tables& tables, Tenants& tenants, bool nothing_before);

  // Commits in the order of the log; they must stay until WriteTo().
  void Add(const log::Commit& commit);
  // Events that belong to no record type are in no table.
  uint64_t skipped() const { return skipped_; }

  // Everything, with the state after it. Several threads work on it.
  void WriteTo(TableFiles* files, const log::Automaton::State& after);

 private:
  void AddEvent(const log::Stored& event, const EventFacts& facts, TenantNumber tenant,
                int64_t position);
  void EndCommit(const EventFacts& last, TenantNumber tenant, int64_t position);
  std::vector<LoadPart> FoldRecords();
  void WriteLogsOwn(const std::vector<LoadPart>& parts, TableFiles* files,
                    const log::Automaton::State& after);

  const record::Catalogue& catalogue_;
  const std::string& service_;
  const Places& places_;
  const Tables& tables_;
  Tenants& tenants_;
  ReachedRows reached_;
  const bool nothing_before_;
  std::vector<LoadedEvent> events_;
  Arena arena_;
  std::map<TenantNumber, RowList> changes_;
  RowList requests_;
  std::map<std::string, uint64_t> numbers_;  // highest ones, by outbox key
  uint64_t skipped_ = 0;
  bool passed_over_ = false;
};

}  // namespace crm::store
