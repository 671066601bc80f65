#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace crm::rpc {

// Finishes calls whose answers come from other threads than gRPC's. Finishing one costs 13 to 36
// microseconds, which a shard's thread can not spare; handing one over costs it less than one, and
// what came together is finished together.
class Completer {
 public:
  class Item {
   public:
    virtual void Complete() = 0;

   protected:
    ~Item() = default;
  };

  explicit Completer(int threads);
  // Completes what is left. Nothing may be added any more, and no Together() be under way.
  ~Completer();

  // The item must live until it is completed.
  void Add(Item* item);

  // What `add` adds, on this thread and to whichever completer, wakes nobody before all of it is
  // there: waking a thread that soon sleeps again costs several times what an addition does.
  static void Together(const std::function<void()>& add);

 private:
  void Run();
  // With the lock. A thread that is awake looks again before it sleeps: most additions wake nobody.
  bool NeedsAnother() const;
  void WakeIfNeeded();

  std::mutex mutex_;
  std::condition_variable added_;
  std::vector<Item*> waiting_;
  int sleeping_ = 0;
  bool ending_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace crm::rpc
