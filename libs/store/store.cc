#include "libs/store/store.h"

#include <atomic>
#include <chrono>
#include <mutex>
#include <optional>
#include <utility>

#include "libs/record/check.h"
#include "libs/store/key.h"
#include "libs/store/loader.h"
#include "libs/store/projector.h"
#include "libs/store/read_view.h"
#include "libs/store/replica_source.h"
#include "libs/store/tables.h"

namespace crm::store {
namespace {

// Changes whenever this library writes other bytes for the same events.
constexpr std::string_view kFormat = "3 ";

std::string FingerprintOf(const StoreOptions& options, const record::Catalogue& catalogue) {
  std::string text = std::string(kFormat) + catalogue.fingerprint() + " " + options.service;
  for (const Followed& followed : options.followed) {
    text += "; " + followed.service;
    for (const Replica& replica : followed.replicas) {
      text += " " + replica.collection;
      for (const std::string& index : replica.indexes) text += "/" + index;
    }
    for (const std::string& tenant : followed.everywhere) text += " " + tenant;
  }
  return text;
}

class RocksStore final : public Store {
 public:
  RocksStore(StoreOptions options, const record::Catalogue& catalogue, std::string fingerprint,
             std::shared_ptr<const Tables> tables)
      : options_(std::move(options)), catalogue_(catalogue), fingerprint_(std::move(fingerprint)) {
    Begin(std::move(tables));
  }

  log::Automaton::State Load() override {
    const auto bytes = Moment(tables_, Moment::Which::kLatest).Get(Table::kMeta, kStateKey);
    if (!bytes) return {};
    const auto state = log::Automaton::State::Decode(*bytes);
    CRM_CHECK(state);
    return *state;
  }

  void Expect(int64_t end) override {
    end_ = end;
    if (loader_) {
      loading_end_ = end;
      if (loading_next_ >= end) EndLoading();
    } else if (end - applied() >= options_.load_from_messages) {
      loading_from_ = loading_next_ = applied();
      loading_since_ = std::chrono::steady_clock::now();
      loading_end_ = end;
      loader_.emplace(catalogue_, tables_, options_,
                      [this](const auto& state) { Show(state.next); });
    }
  }

  void Apply(std::span<const log::Commit> commits, const log::Automaton::State& after) override {
    if (loader_) {
      loader_->Add(commits, after);
      loading_next_ = after.next;
      if (after.next >= end_) EndLoading();
      return;
    }
    tables_->Write(projector_->Project(commits, after));
    Show(after.next);
  }

  std::unique_ptr<Replicas> ReplicasOf(std::string_view service, int partition,
                                       bool whole) override;
  log::Automaton::State LoadReplicas(const ReplicaSource& source) const {
    return latest_->Replicated(source.service, source.partition);
  }
  void ApplyReplicas(ReplicaSource& source, std::span<const log::Commit> commits,
                     const log::Automaton::State& after) {
    if (loader_) EndLoading();  // they number the same tenants
    tables_->Write(projector_->ProjectReplicas(source, commits, after));
    Show(applied_);
  }

  void Clear() override {
    loader_.reset();
    loading_end_ = 0;
    auto tables = tables_->Cleared(options_, fingerprint_);
    Begin(std::move(tables));
  }

  void Flush() override {
    if (loader_) loader_->Finish();
    tables_->Flush();
  }

  // Readers between two batches share one snapshot.
  std::unique_ptr<View> Snapshot() const override {
    std::shared_ptr<const Moment> moment;
    {
      const std::lock_guard lock(mutex_);
      if (!shared_) shared_ = std::make_shared<const Moment>(tables_, Moment::Which::kSnapshot);
      moment = shared_;
    }
    return std::make_unique<ReadView>(std::move(moment), catalogue_, options_.service);
  }

  const View& latest() const override { return *latest_; }
  int64_t applied() const override { return applied_; }
  std::optional<Loading> loading() const override {
    const int64_t end = loading_end_;
    if (end == 0) return std::nullopt;
    const std::chrono::duration<double> passed =
        std::chrono::steady_clock::now() - loading_since_.load();
    return Loading{loading_from_, loading_next_, end, passed.count()};
  }
  uint64_t skipped() const override { return skipped_ + projector_->skipped(); }

 private:
  // What was written before is there for readers.
  void Show(int64_t next) {
    applied_ = next;
    const std::lock_guard lock(mutex_);
    shared_ = nullptr;
  }

  // The projector knows the tenants, so it begins anew.
  void EndLoading() {
    loader_->Finish();
    skipped_ += loader_->skipped() + projector_->skipped();
    loader_.reset();
    loading_end_ = 0;
    projector_.emplace(catalogue_, options_.service, *tables_);
  }

  void Begin(std::shared_ptr<const Tables> tables) {
    const std::lock_guard lock(mutex_);
    latest_.reset();
    projector_.reset();
    shared_ = nullptr;
    tables_ = std::move(tables);
    projector_.emplace(catalogue_, options_.service, *tables_);
    latest_.emplace(std::make_shared<const Moment>(tables_, Moment::Which::kLatest), catalogue_,
                    options_.service);
    applied_ = latest_->applied();
  }

  const StoreOptions options_;
  const record::Catalogue& catalogue_;
  const std::string fingerprint_;
  mutable std::mutex mutex_;  // of tables_ and shared_
  std::shared_ptr<const Tables> tables_;
  mutable std::shared_ptr<const Moment> shared_;
  std::optional<Projector> projector_;
  std::optional<ReadView> latest_;
  std::atomic<int64_t> applied_{0};
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
  auto fingerprint = FingerprintOf(options, catalogue);
  auto tables = Tables::Open(options, fingerprint);
  if (!tables) return tables.error();
  return std::unique_ptr<Store>(
      std::make_unique<RocksStore>(options, catalogue, std::move(fingerprint), std::move(*tables)));
}

}  // namespace crm::store
