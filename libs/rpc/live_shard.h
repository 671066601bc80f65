#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "libs/log/embedded.h"
#include "libs/log/temporary_folder.h"
#include "libs/record/the_catalogue.h"
#include "libs/rpc/host.h"

// For tests of the dispatcher.
namespace crm::rpc {

using record::TheCatalogue;

// A shard with threads of its own, as a server has it.
class LiveShard final : public Host {
 public:
  // `assigned`: it claims its partition; else it is nobody's.
  explicit LiveShard(std::string service = "sales", bool assigned = true)
      : service_(std::move(service)) {
    log_ = std::move(*log::OpenEmbedded({folder_.path(), 1, 1 << 20}));
    store::StoreOptions store_options;
    store_options.path = "/live";
    store_options.disk = store::Disk::InMemory();
    store_ = std::move(*store::Store::Open(store_options, TheCatalogue()));
    shard::Options options;
    options.service = service_;
    options.source = "/crm/" + service_;
    shard_ = std::make_unique<shard::Shard>(options, TheCatalogue(), behaviours_, *log_, *store_,
                                            clock_, random_, [this] { Wake(); });
    shard_->Assign(assigned);
    thread_ = std::thread([this] { Run(); });
  }
  ~LiveShard() override {
    {
      std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    woken_.notify_one();
    thread_.join();
    shard_->Stop();
  }
  Place Find(std::string_view service, std::string_view) override {
    if (service != service_) return {};
    return {service_, 0, shard_.get(), true};
  }
  std::vector<std::string> Services() const override { return {service_}; }
  const record::Clock& clock() const { return clock_; }

 private:
  void Wake() {
    {
      std::lock_guard lock(mutex_);
      work_ = true;
    }
    woken_.notify_one();
  }
  void Run() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
      work_ = false;
      lock.unlock();
      while (shard_->Step()) {
      }
      lock.lock();
      woken_.wait_for(lock, std::chrono::milliseconds(20), [this] { return work_ || stopping_; });
    }
  }

  const std::string service_;
  log::TemporaryFolder folder_;
  record::SystemClock clock_;
  record::SystemRandom random_;
  shard::Behaviours behaviours_;
  std::unique_ptr<log::Log> log_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<shard::Shard> shard_;
  std::mutex mutex_;
  std::condition_variable woken_;
  bool work_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace crm::rpc
