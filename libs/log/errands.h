#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace crm::log {

// Does what has to wait for somebody's answers, on threads of its own: so many that nobody waits
// for another one's answers, up to a few.
class Errands {
 public:
  explicit Errands(size_t threads_max) : threads_max_(threads_max) {}
  // What has not begun is dropped, what has is waited for.
  ~Errands();

  void Run(std::function<void()> errand);

 private:
  void Work();

  const size_t threads_max_;
  std::mutex mutex_;
  std::condition_variable came_;
  std::deque<std::function<void()>> waiting_;
  size_t idle_ = 0;  // threads that wait for an errand
  bool ending_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace crm::log
