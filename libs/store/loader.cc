#include "libs/store/loader.h"

#include <string>
#include <utility>

#include "libs/store/key.h"
#include "libs/store/load_chunk.h"
#include "libs/store/options.h"
#include "libs/store/table_files.h"

namespace crm::store {
namespace {

// While files come one after the other, merging the ones before each time would cost more than the
// rest; left alone for ever they would make reading slow, and in the end stop the writer.
constexpr const char* kMergeSeldom = "32";

bool IsEmpty(const Tables& tables) {
  std::string state;
  const auto status = tables.db().Get({}, tables[Table::kMeta], kStateKey, &state);
  if (!status.IsNotFound()) tables.Check(status, "reading the state");
  return status.IsNotFound();
}

}  // namespace

Loader::Loader(const record::Catalogue& catalogue, const Places& places,
               std::shared_ptr<const Tables> tables, const StoreOptions& options,
               Attempts& attempts, std::function<void(const log::Automaton::State&)> written)
    : catalogue_(catalogue),
      places_(places),
      tables_(std::move(tables)),
      options_(options),
      attempts_(attempts),
      written_(std::move(written)),
      tenants_(*tables_),
      nothing_before_(IsEmpty(*tables_)) {
  // What a new store is built from may be in memory only, and pieces without it would be nothing.
  tables_->Flush();
  SetMerging(true);
}

Loader::~Loader() {
  Wait();
  SetMerging(false);
}

void Loader::SetMerging(bool seldom) {
  for (auto* table : tables_->all()) {
    const auto usual = std::to_string(kMergedFiles);
    tables_->Check(tables_->db().SetOptions(table, {{"level0_file_num_compaction_trigger",
                                                     seldom ? kMergeSeldom : usual}}),
                   "preparing a load");
  }
}

void Loader::Add(std::span<const log::Commit> commits, const log::Automaton::State& after) {
  for (const auto& commit : commits) {
    for (const auto& event : commit.events) gathered_.bytes += event.body->size();
    gathered_.commits.push_back(commit);
  }
  gathered_.after = after;
  if (gathered_.bytes >= options_.load_bytes) Hand();
}

void Loader::Finish() {
  Hand();
  Wait();
}

void Loader::Hand() {
  if (gathered_.after.next == 0) return;
  Wait();
  auto piece = std::make_shared<const Piece>(std::exchange(gathered_, {}));
  writing_ = std::async(std::launch::async, [this, piece = std::move(piece)] { Write(*piece); });
}

void Loader::Wait() {
  if (writing_.valid()) writing_.get();
}

void Loader::Write(const Piece& piece) {
  attempts_.BeginLoad();
  LoadChunk chunk(catalogue_, options_.service, places_, *tables_, tenants_, nothing_before_);
  for (const auto& commit : piece.commits) chunk.Add(commit);
  TableFiles files(*tables_, options_);
  chunk.WriteTo(&files, piece.after);
  files.Ingest();
  skipped_ += chunk.skipped();
  nothing_before_ = false;
  attempts_.EndLoad();
  written_(piece.after);
}

}  // namespace crm::store
