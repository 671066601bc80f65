#include "libs/rpc/server/completer.h"

#include <algorithm>

namespace crm::rpc {
namespace {

// So that one thread does not take everything while the other sleeps.
constexpr size_t kBatch = 64;

}  // namespace

Completer::Completer(int threads) {
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { Run(); });
}

Completer::~Completer() {
  {
    std::lock_guard lock(mutex_);
    ending_ = true;
  }
  added_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void Completer::Add(Item* item) {
  bool wake = false;
  {
    std::lock_guard lock(mutex_);
    waiting_.push_back(item);
    // A thread that is awake looks again before it sleeps: most additions wake nobody.
    wake = sleeping_ == static_cast<int>(threads_.size()) ||
           (sleeping_ > 0 && waiting_.size() > kBatch);
  }
  if (wake) added_.notify_one();
}

void Completer::Run() {
  std::vector<Item*> batch;
  std::unique_lock lock(mutex_);
  while (true) {
    while (waiting_.empty() && !ending_) {
      ++sleeping_;
      added_.wait(lock);
      --sleeping_;
    }
    if (waiting_.empty()) return;
    const size_t count = std::min(waiting_.size(), kBatch);
    batch.assign(waiting_.begin(), waiting_.begin() + static_cast<ptrdiff_t>(count));
    waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<ptrdiff_t>(count));
    lock.unlock();
    for (Item* item : batch) item->Complete();
    lock.lock();
  }
}

}  // namespace crm::rpc
