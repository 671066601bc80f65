#pragma once

#include <rocksdb/write_batch.h>

#include <cstdlib>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "libs/store/example_log.h"
#include "libs/store/projector.h"

namespace crm::store::example {

// What applying a log live hands to RocksDB, to be written by itself.
class Writes {
 public:
  // The options' folder is used up.
  Writes(log::Log& log, const StoreOptions& options) {
    const auto opened = OpenTables(options);
    Applied applied(opened);
    Follow(log, applied);
    batches_ = std::move(applied.batches);
    for (const auto& bytes : batches_) rows_ += rocksdb::WriteBatch(bytes).Count();
  }

  size_t rows() const { return rows_; }

  void WriteTo(const StoreOptions& options) const {
    const auto tables = OpenTables(options).tables;
    for (const auto& bytes : batches_) {
      rocksdb::WriteBatch batch(bytes);
      tables->Write(&batch);
    }
    tables->Flush();
  }

 private:
  class Applied final : public log::Projection {
   public:
    explicit Applied(const Opened& opened)
        : tables_(*opened.tables),
          places_(opened.layout, BuiltIn()),
          attempts_("", true),
          projector_(BuiltIn(), service_, places_, tables_, read_, attempts_, {}) {}
    log::Automaton::State Load() override { return {}; }
    void Apply(std::span<const log::Commit> commits, const log::Automaton::State& after) override {
      auto* batch = projector_.Project(commits, after);
      batches.push_back(batch->Data());
      tables_.Write(batch);
    }
    std::vector<std::string> batches;

   private:
    const std::string service_;
    const Tables& tables_;
    const Places places_;
    ReadRows read_;
    Attempts attempts_;
    Projector projector_;
  };

  static Opened OpenTables(const StoreOptions& options) {
    auto tables = Tables::Open(options, BuiltIn());
    if (!tables) std::abort();
    return *std::move(tables);
  }

  std::vector<std::string> batches_;
  size_t rows_ = 0;
};

}  // namespace crm::store::example
