#include "libs/rpc/server/completer.h"

#include <algorithm>
#include <utility>

namespace crm::rpc {
namespace {

// So that one thread does not take everything while the other sleeps.
constexpr size_t kBatch = 64;

// Of Together(): whether it is under way on this thread, and what was last added to.
thread_local bool together = false;
thread_local Completer* added_to = nullptr;

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
    wake = !together && NeedsAnother();
  }
  if (wake) added_.notify_one();
  if (!together || added_to == this) return;
  if (added_to != nullptr) added_to->WakeIfNeeded();
  added_to = this;
}

void Completer::Together(const std::function<void()>& add) {
  together = true;
  add();
  together = false;
  if (Completer* const last = std::exchange(added_to, nullptr)) last->WakeIfNeeded();
}

bool Completer::NeedsAnother() const {
  return sleeping_ == static_cast<int>(threads_.size()) ||
         (sleeping_ > 0 && waiting_.size() > kBatch);
}

void Completer::WakeIfNeeded() {
  bool wake = false;
  {
    std::lock_guard lock(mutex_);
    wake = !waiting_.empty() && NeedsAnother();
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
