#include "libs/shard/queue.h"

#include "libs/shard/shard.h"

namespace crm::shard {
namespace {

constexpr int64_t kQuantum = 16 << 10;  // bytes a tenant may send in one turn
constexpr int kBulkEvery = 10;
constexpr size_t kOverhead = 256;  // what a command costs besides its bytes

size_t Cost(const Command& command) { return command.bytes + kOverhead; }

}  // namespace

bool CommandQueue::Push(std::unique_ptr<Command>& pushed, std::string* limit) {
  const Command& command = *pushed;
  std::lock_guard lock(mutex_);
  Turns& turns = command.bulk ? bulk_ : interactive_;
  auto found = turns.by_tenant.find(command.principal.tenant);
  const size_t waiting = found == turns.by_tenant.end() ? 0 : found->second->commands.size();
  const size_t waiting_bytes = found == turns.by_tenant.end() ? 0 : found->second->bytes;
  if (commands_ >= limits_.queue_commands || bytes_ + Cost(command) > limits_.queue_bytes) {
    *limit = "queue of the shard";
    return false;
  }
  if (waiting >= limits_.queue_commands_per_tenant ||
      waiting_bytes + Cost(command) > limits_.queue_bytes_per_tenant) {
    *limit = "queue of the tenant";
    return false;
  }
  if (found == turns.by_tenant.end()) {
    turns.ring.push_back({command.principal.tenant, {}, 0, 0});
    found = turns.by_tenant.emplace(command.principal.tenant, std::prev(turns.ring.end())).first;
  }
  ++commands_;
  bytes_ += Cost(command);
  found->second->bytes += Cost(command);
  found->second->commands.push_back(std::move(pushed));
  return true;
}

std::unique_ptr<Command> CommandQueue::PopFrom(Turns& turns) {
  while (!turns.ring.empty()) {
    TenantQueue& front = turns.ring.front();
    const auto cost = static_cast<int64_t>(Cost(*front.commands.front()));
    if (front.deficit < cost) {
      // The turn passes on; what was saved up so far stays.
      front.deficit += kQuantum;
      turns.ring.splice(turns.ring.end(), turns.ring, turns.ring.begin());
      continue;
    }
    front.deficit -= cost;
    std::unique_ptr<Command> command = std::move(front.commands.front());
    front.commands.pop_front();
    front.bytes -= static_cast<size_t>(cost);
    bytes_ -= static_cast<size_t>(cost);
    --commands_;
    if (front.commands.empty()) {
      turns.by_tenant.erase(front.tenant);
      turns.ring.pop_front();
    }
    return command;
  }
  return nullptr;
}

std::unique_ptr<Command> CommandQueue::Pop() {
  std::lock_guard lock(mutex_);
  const bool bulk_first = interactive_.ring.empty() || since_bulk_ + 1 >= kBulkEvery;
  if (bulk_first && !bulk_.ring.empty()) {
    since_bulk_ = 0;
    return PopFrom(bulk_);
  }
  ++since_bulk_;
  return PopFrom(interactive_);
}

std::vector<std::unique_ptr<Command>> CommandQueue::TakeAll() {
  std::lock_guard lock(mutex_);
  std::vector<std::unique_ptr<Command>> all;
  for (Turns* turns : {&interactive_, &bulk_}) {
    for (TenantQueue& queue : turns->ring) {
      for (auto& command : queue.commands) all.push_back(std::move(command));
    }
    turns->ring.clear();
    turns->by_tenant.clear();
  }
  commands_ = 0;
  bytes_ = 0;
  return all;
}

size_t CommandQueue::size() const {
  std::lock_guard lock(mutex_);
  return commands_;
}

}  // namespace crm::shard
