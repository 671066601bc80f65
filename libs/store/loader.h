#pragma once

#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <span>
#include <vector>

#include "libs/log/automaton.h"
#include "libs/record/catalogue.h"
#include "libs/store/attempts.h"
#include "libs/store/layout.h"
#include "libs/store/store.h"
#include "libs/store/tables.h"
#include "libs/store/tenants.h"

namespace crm::store {

// Brings a store that is far behind its log up to it: commits are gathered into long pieces, and
// while one is made part of the tables, the next one is read. A piece is durable when it is in the
// tables, so that a load goes on where it was when the process ended.
class Loader {
 public:
  // `written` is called, on a thread of its own, whenever the tables have moved on to a state.
  Loader(const record::Catalogue& catalogue, const Places& places,
         std::shared_ptr<const Tables> tables, const StoreOptions& options, Attempts& attempts,
         std::function<void(const log::Automaton::State&)> written);
  // What was not written is dropped.
  ~Loader();

  void Add(std::span<const log::Commit> commits, const log::Automaton::State& after);
  // Returns when everything is in the tables.
  void Finish();
  // Events of no record type, of what is in the tables. Between Finish() and Add().
  uint64_t skipped() const { return skipped_; }

 private:
  struct Piece {
    std::vector<log::Commit> commits;
    log::Automaton::State after;
    size_t bytes = 0;
  };
  void Hand();
  void Write(const Piece& piece);
  void Wait();
  void SetMerging(bool seldom);

  const record::Catalogue& catalogue_;
  const Places& places_;
  const std::shared_ptr<const Tables> tables_;
  const StoreOptions& options_;
  Attempts& attempts_;
  const std::function<void(const log::Automaton::State&)> written_;
  Tenants tenants_;
  bool nothing_before_;
  Piece gathered_;
  std::future<void> writing_;
  uint64_t skipped_ = 0;
};

}  // namespace crm::store
