#pragma once

#include <cstddef>
#include <deque>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "libs/shard/command.h"

namespace crm::shard {

struct Limits;

// Commands that wait for a shard: an interactive and a bulk queue, in each of which tenants take
// turns by bytes (deficit round robin, Shreedhar and Varghese 1995). Thread-safe.
class CommandQueue {
 public:
  explicit CommandQueue(const Limits& limits) : limits_(limits) {}

  // False, and the command untouched, when a limit is reached; `limit` says which.
  bool Push(std::unique_ptr<Command>& command, std::string* limit);
  // The next command by turns: bulk gets every tenth place while both wait, and all that
  // interactive leaves. Null: none waits.
  std::unique_ptr<Command> Pop();
  // Everything that waits, in no particular order.
  std::vector<std::unique_ptr<Command>> TakeAll();
  size_t size() const;

 private:
  struct TenantQueue {
    std::string tenant;
    std::deque<std::unique_ptr<Command>> commands;
    size_t bytes = 0;
    int64_t deficit = 0;
  };
  struct Turns {
    std::list<TenantQueue> ring;  // tenants that wait; the front one has its turn
    std::map<std::string, std::list<TenantQueue>::iterator> by_tenant;
  };
  std::unique_ptr<Command> PopFrom(Turns& turns);

  const Limits& limits_;
  mutable std::mutex mutex_;
  Turns interactive_;
  Turns bulk_;
  size_t commands_ = 0;
  size_t bytes_ = 0;
  int since_bulk_ = 0;
};

}  // namespace crm::shard
