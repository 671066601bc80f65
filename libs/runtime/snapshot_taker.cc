#include "libs/runtime/snapshot_taker.h"

#include <chrono>
#include <utility>

namespace crm::runtime {
namespace {

std::string NameOf(const std::string& service, int partition) {
  return service + '/' + std::to_string(partition);
}

}  // namespace

SnapshotTaker::SnapshotTaker(std::unique_ptr<store::SnapshotPlace> place, std::string taker,
                             int64_t every_s, size_t keep, JsonLog& log)
    : place_(std::move(place)),
      taker_(std::move(taker)),
      every_s_(every_s),
      keep_(keep),
      log_(log) {}

SnapshotTaker::~SnapshotTaker() { Stop(); }

void SnapshotTaker::Restore(const std::string& service, int partition,
                            const store::StoreOptions& options, const record::Catalogue& catalogue,
                            log::Log& log) {
  store::Snapshots snapshots(*place_, NameOf(service, partition), taker_, keep_);
  const auto position =
      snapshots.Restore(options, catalogue, log, partition,
                        [this](const std::string& text) { log_.Write(Level::kWarning, text); });
  if (!position) return;
  log_.Write(Level::kInfo, "restored from a snapshot",
             {{"service", service}, {"partition", int64_t{partition}}, {"position", *position}});
}

void SnapshotTaker::Add(const std::string& service, int partition, const store::Store& store) {
  shards_.push_back(
      {service, partition, &store,
       std::make_unique<store::Snapshots>(*place_, NameOf(service, partition), taker_, keep_)});
}

void SnapshotTaker::Start() {
  thread_ = std::thread([this] { Run(); });
}

void SnapshotTaker::TakeNow() {
  {
    const std::lock_guard lock(mutex_);
    wanted_ = true;
  }
  wake_.notify_one();
}

void SnapshotTaker::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  place_->End();
  if (thread_.joinable()) thread_.join();
}

void SnapshotTaker::Run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    const auto due = [this] { return stopping_ || wanted_; };
    if (every_s_ == 0) {
      wake_.wait(lock, due);
    } else {
      wake_.wait_for(lock, std::chrono::seconds(every_s_), due);
    }
    if (stopping_) return;
    wanted_ = false;
    lock.unlock();
    TakeAll();
    lock.lock();
  }
}

void SnapshotTaker::TakeAll() {
  for (const Shard& shard : shards_) {
    const auto begin = std::chrono::steady_clock::now();
    const auto position = shard.snapshots->Take(*shard.store);
    const auto took = std::chrono::steady_clock::now() - begin;
    const auto took_ms = std::chrono::duration_cast<std::chrono::milliseconds>(took).count();
    if (position) {
      log_.Write(Level::kInfo, "snapshot",
                 {{"service", shard.service},
                  {"partition", int64_t{shard.partition}},
                  {"position", *position},
                  {"took_ms", int64_t{took_ms}}});
    } else {
      log_.Write(Level::kWarning, "no snapshot",
                 {{"service", shard.service},
                  {"partition", int64_t{shard.partition}},
                  {"error", position.error().text}});
    }
  }
}

}  // namespace crm::runtime
