#include "libs/store/store.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "libs/record/check.h"
#include "libs/store/attempts.h"
#include "libs/store/key.h"
#include "libs/store/layout.h"
#include "libs/store/loader.h"
#include "libs/store/projector.h"
#include "libs/store/read_rows.h"
#include "libs/store/read_view.h"
#include "libs/store/reindex.h"
#include "libs/store/replica_source.h"
#include "libs/store/tables.h"

namespace crm::store {
namespace {

// Loads that ended with the process: what is wrong shows when commits are applied one by one.
constexpr int64_t kFailedLoads = 2;

class RocksStore final : public Store {
 public:
  RocksStore(StoreOptions options, const record::Catalogue& catalogue, Opened opened)
      : options_(std::move(options)),
        catalogue_(catalogue),
        attempts_(opened.in_memory ? "" : options_.path, opened.created) {
    Begin(std::move(opened));
  }
  ~RocksStore() override { StopBuilding(); }

  log::Automaton::State Load() override {
    const auto bytes = Moment(tables_, Moment::Which::kLatest).Get(Table::kMeta, kStateKey);
    if (!bytes) return {};
    const auto state = log::Automaton::State::Decode(*bytes);
    CRM_CHECK(state);
    return *state;
  }

  void Expect(int64_t end) override {
    const std::lock_guard lock(applying_);
    end_ = end;
    if (loader_) {
      loading_end_ = end;
      if (loading_next_ >= end) EndLoading();
    } else if (end - applied() >= options_.load_from_messages && MayLoad()) {
      loading_from_ = loading_next_ = applied();
      loading_since_ = std::chrono::steady_clock::now();
      loading_end_ = end;
      read_.Clear();
      loader_.emplace(catalogue_, *places_, tables_, options_, attempts_,
                      [this](const auto& state) { Show(state.next); });
    }
  }

  void Apply(std::span<const log::Commit> commits, const log::Automaton::State& after) override {
    const std::lock_guard lock(applying_);
    if (loader_) {
      loader_->Add(commits, after);
      loading_next_ = after.next;
      if (after.next >= end_) EndLoading();
      return;
    }
    tables_->Write(projector_->Project(commits, after));
    parked_ = projector_->parked();
    Show(after.next);
  }

  std::unique_ptr<Replicas> ReplicasOf(std::string_view service, int partition,
                                       bool whole) override;
  log::Automaton::State LoadReplicas(const ReplicaSource& source) const {
    return latest_->Replicated(source.service, source.partition);
  }
  void ApplyReplicas(ReplicaSource& source, std::span<const log::Commit> commits,
                     const log::Automaton::State& after) {
    const std::lock_guard lock(applying_);
    if (loader_) EndLoading();  // they number the same tenants
    tables_->Write(projector_->ProjectReplicas(source, commits, after));
    Show(applied_);
  }

  void PutReading(std::string_view reader, const log::Automaton::State& state) override {
    rocksdb::WriteBatch batch;
    tables_->Check(batch.Put((*tables_)[Table::kMeta], ReadingKey(reader),
                             state.log_id == 0 ? std::string() : state.Encode()),
                   "remembering a reader");
    tables_->Write(&batch);
  }

  void Clear() override {
    StopBuilding();
    loader_.reset();
    loading_end_ = 0;
    Begin(tables_->Cleared(options_, catalogue_));
  }

  void Flush() override {
    const std::lock_guard lock(applying_);
    if (loader_) loader_->Finish();
    tables_->Flush();
  }

  // Readers between two batches share one snapshot.
  std::unique_ptr<View> Snapshot() const override {
    const std::lock_guard lock(mutex_);
    if (!shared_) shared_ = std::make_shared<const Moment>(tables_, Moment::Which::kSnapshot);
    return std::make_unique<ReadView>(shared_, catalogue_, options_.service, shown_, nullptr);
  }

  const View& latest() const override {
    if (renew_latest_.exchange(false)) {
      const std::lock_guard lock(mutex_);
      RenewLatest();
    }
    return *latest_;
  }

  int64_t applied() const override { return applied_; }
  std::optional<Loading> loading() const override {
    const int64_t end = loading_end_;
    if (end == 0) return std::nullopt;
    const std::chrono::duration<double> passed =
        std::chrono::steady_clock::now() - loading_since_.load();
    return Loading{loading_from_, loading_next_, end, passed.count()};
  }
  std::vector<Building> building() const override {
    const std::lock_guard lock(mutex_);
    return reindex_ ? reindex_->progress() : std::vector<Building>();
  }
  uint64_t parked() const override { return parked_; }
  uint64_t skipped() const override { return skipped_ + projector_->skipped(); }
  const std::string& path() const override { return options_.path; }

  record::Result<record::Done> Checkpoint(const std::string& folder) const override {
    std::shared_ptr<const Tables> tables;
    {
      const std::lock_guard lock(mutex_);
      tables = tables_;
    }
    return tables->Checkpoint(folder);
  }

 private:
  void RenewLatest() const {
    latest_.emplace(std::make_shared<const Moment>(tables_, Moment::Which::kLatest), catalogue_,
                    options_.service, shown_, &read_);
  }

  // What was written before is there for readers.
  void Show(int64_t next) {
    applied_ = next;
    const std::lock_guard lock(mutex_);
    shared_ = nullptr;
  }

  bool MayLoad() const {
    return !attempts_.FailedBehind(applied()) && attempts_.failed_loads() < kFailedLoads;
  }

  // The projector knows the tenants, so it begins anew.
  void EndLoading() {
    loader_->Finish();
    skipped_ += loader_->skipped() + projector_->skipped();
    loader_.reset();
    loading_end_ = 0;
    read_.Clear();
    BeginProjecting();
  }

  void BeginProjecting() {
    projector_.emplace(catalogue_, options_.service, *places_, *tables_, read_, attempts_,
                       options_.mutations);
  }

  void Begin(Opened opened) {
    {
      const std::lock_guard lock(mutex_);
      latest_.reset();
      projector_.reset();
      reindex_.reset();
      shared_ = nullptr;
      tables_ = std::move(opened.tables);
      layout_ = std::move(opened.layout);
      places_.emplace(layout_, catalogue_);
      reindex_.emplace(catalogue_, tables_, &layout_, &*places_);
      shown_ = std::make_shared<const Places>(*places_);
      BeginProjecting();
      read_.Clear();
      RenewLatest();
      applied_ = latest_->applied();
      parked_ = projector_->parked();
    }
    if (reindex_->done()) return;
    stop_building_ = false;
    builder_ = std::thread([this] { BuildIndexes(); });
  }

  void StopBuilding() {
    {
      const std::lock_guard lock(mutex_);
      stop_building_ = true;
    }
    stopping_.notify_all();
    if (builder_.joinable()) builder_.join();
  }

  // Half of the time is left to those who apply, and to other shards.
  void BuildIndexes() {
    reindex_->Count();
    while (!reindex_->done()) {
      const auto begin = std::chrono::steady_clock::now();
      bool complete = false;
      {
        const std::lock_guard lock(applying_);
        if (!loader_) complete = reindex_->Step();
        if (complete) ShowPlaces();
      }
      if (complete) reindex_->Count();
      const auto took = std::chrono::steady_clock::now() - begin;
      std::unique_lock lock(mutex_);
      if (stopping_.wait_for(lock, took, [this] { return stop_building_; })) return;
    }
  }

  void ShowPlaces() {
    const std::lock_guard lock(mutex_);
    shown_ = std::make_shared<const Places>(*places_);
    shared_ = nullptr;
    renew_latest_ = true;
    // Whoever sees that nothing is being built can read all of it.
    reindex_->Advance();
  }

  const StoreOptions options_;
  const record::Catalogue& catalogue_;
  Attempts attempts_;
  std::mutex applying_;       // of whoever changes the tables, and of places_ and layout_
  mutable std::mutex mutex_;  // of tables_, shared_, shown_ and stop_building_
  std::condition_variable stopping_;
  std::shared_ptr<const Tables> tables_;
  Layout layout_;
  std::optional<Places> places_;
  mutable std::shared_ptr<const Moment> shared_;
  std::shared_ptr<const Places> shown_;
  std::optional<Projector> projector_;
  mutable ReadRows read_;  // of who decides by latest() and applies
  mutable std::optional<ReadView> latest_;
  mutable std::atomic<bool> renew_latest_{false};
  std::optional<Reindex> reindex_;
  bool stop_building_ = false;
  std::thread builder_;
  std::atomic<int64_t> applied_{0};
  std::atomic<uint64_t> parked_{0};
  int64_t end_ = 0;  // of the log, as far as it is known
  std::optional<Loader> loader_;
  std::atomic<std::chrono::steady_clock::time_point> loading_since_{};
  std::atomic<int64_t> loading_from_{0};
  std::atomic<int64_t> loading_next_{0};
  std::atomic<int64_t> loading_end_{0};  // 0: it is not being loaded
  uint64_t skipped_ = 0;                 // by loaders, and by projectors before the last one
};

class RocksReplicas final : public Replicas {
 public:
  RocksReplicas(RocksStore& store, ReplicaSource source)
      : store_(store), source_(std::move(source)) {}
  log::Automaton::State Load() override { return store_.LoadReplicas(source_); }
  void Apply(std::span<const log::Commit> commits, const log::Automaton::State& after) override {
    store_.ApplyReplicas(source_, commits, after);
  }
  uint64_t skipped() const override { return source_.skipped; }
  std::set<std::string> TakeChanged() override { return std::exchange(source_.changed, {}); }

 private:
  RocksStore& store_;
  ReplicaSource source_;
};

std::unique_ptr<Replicas> RocksStore::ReplicasOf(std::string_view service, int partition,
                                                 bool whole) {
  for (const Followed& followed : options_.followed) {
    if (followed.service != service) continue;
    return std::make_unique<RocksReplicas>(
        *this, ReplicaSource::Of(followed, partition, whole, catalogue_));
  }
  CRM_CHECK(false);  // the caller opened the store with what it follows
}

}  // namespace

record::Result<std::unique_ptr<Store>> Store::Open(const StoreOptions& options,
                                                   const record::Catalogue& catalogue) {
  auto opened = Tables::Open(options, catalogue);
  if (!opened) return opened.error();
  return std::unique_ptr<Store>(
      std::make_unique<RocksStore>(options, catalogue, *std::move(opened)));
}

}  // namespace crm::store
