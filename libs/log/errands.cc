#include "libs/log/errands.h"

#include <utility>

namespace crm::log {

Errands::~Errands() {
  {
    std::lock_guard lock(mutex_);
    ending_ = true;
  }
  came_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void Errands::Run(std::function<void()> errand) {
  {
    std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(errand));
    if (waiting_.size() > idle_ && threads_.size() < threads_max_) {
      threads_.emplace_back([this] { Work(); });
    }
  }
  came_.notify_one();
}

void Errands::Work() {
  std::unique_lock lock(mutex_);
  while (true) {
    ++idle_;
    came_.wait(lock, [this] { return ending_ || !waiting_.empty(); });
    --idle_;
    if (ending_) return;
    const std::function<void()> errand = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    errand();
    lock.lock();
  }
}

}  // namespace crm::log
