#include "libs/rpc/owners.h"

namespace crm::rpc {

void Owners::SetHere(std::string_view service, int partition, bool here) {
  std::vector<std::function<void()>> due;
  {
    const std::lock_guard lock(mutex_);
    const Key key(service, partition);
    Entry& entry = entries_[key];
    if (entry.known.here == here) return;
    entry.known.here = here;
    ++entry.known.version;
    due = TakeChanged(key);
  }
  for (auto& done : due) done();
}

void Owners::Set(std::string_view service, int partition, uint64_t claim,
                 const std::string& address) {
  std::vector<std::function<void()>> due;
  {
    const std::lock_guard lock(mutex_);
    const Key key(service, partition);
    Entry& entry = entries_[key];
    if (claim < entry.claim) return;
    entry.claim = claim;
    if (entry.known.address == address) return;
    entry.known.address = address;
    ++entry.known.version;
    due = TakeChanged(key);
  }
  for (auto& done : due) done();
}

Owners::Known Owners::Find(std::string_view service, int partition) const {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(Key(service, partition));
  return found == entries_.end() ? Known() : found->second.known;
}

uint64_t Owners::WhenChanged(std::string_view service, int partition, uint64_t version,
                             int64_t deadline, std::function<void()> done) {
  {
    const std::lock_guard lock(mutex_);
    Key key(service, partition);
    if (entries_[key].known.version == version) {
      waiters_.emplace(++last_waiter_, Waiter{std::move(key), deadline, std::move(done)});
      return last_waiter_;
    }
  }
  done();
  return 0;
}

void Owners::Forget(uint64_t waiter) {
  const std::lock_guard lock(mutex_);
  waiters_.erase(waiter);
}

std::vector<std::function<void()>> Owners::TakeChanged(const Key& key) {
  std::vector<std::function<void()>> due;
  std::erase_if(waiters_, [&](auto& waiter) {
    if (waiter.second.key != key) return false;
    due.push_back(std::move(waiter.second.done));
    return true;
  });
  return due;
}

void Owners::Expire(int64_t boottime) {
  std::vector<std::function<void()>> due;
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(waiters_, [&](auto& waiter) {
      if (waiter.second.deadline > boottime) return false;
      due.push_back(std::move(waiter.second.done));
      return true;
    });
  }
  for (auto& done : due) done();
}

}  // namespace crm::rpc
