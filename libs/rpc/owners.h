#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace crm::rpc {

// Which process owns each partition, as far as this one knows. It may be wrong: whoever is asked
// knows better. Thread-safe; callbacks run on the thread that changes something, or on Expire()'s.
class Owners {
 public:
  struct Known {
    bool here = false;
    std::string address;   // of another process; empty: nobody is known
    uint64_t version = 0;  // grows with each change of these
  };

  // This process has become the owner, or is it no longer.
  void SetHere(std::string_view service, int partition, bool here);
  // What another's claim said; of two claims the one with the higher number counts.
  void Set(std::string_view service, int partition, uint64_t claim, const std::string& address);
  Known Find(std::string_view service, int partition) const;

  // Calls back once what is known is of another version, at once if it is already, at the latest at
  // the deadline (boottime). The number is for Forget(); 0: it has been called.
  uint64_t WhenChanged(std::string_view service, int partition, uint64_t version, int64_t deadline,
                       std::function<void()> done);
  // It will not be called any more, unless it is being called now.
  void Forget(uint64_t waiter);
  void Expire(int64_t boottime);

 private:
  using Key = std::pair<std::string, int>;
  struct Entry {
    Known known;
    uint64_t claim = 0;
  };
  struct Waiter {
    Key key;
    int64_t deadline;
    std::function<void()> done;
  };
  std::vector<std::function<void()>> TakeChanged(const Key& key);

  mutable std::mutex mutex_;
  std::map<Key, Entry> entries_;
  uint64_t last_waiter_ = 0;
  std::map<uint64_t, Waiter> waiters_;
};

}  // namespace crm::rpc
