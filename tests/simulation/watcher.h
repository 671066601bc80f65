#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/simulation/machine.h"
#include "tests/simulation/operation.h"

namespace crm::simulation {

class World;

// One change as a watcher was sent it.
struct Seen {
  std::string position;
  std::string name;
  std::string event;
  std::string image;  // empty: deleted
};

// Follows all changes of a tenant's leads from the beginning, at one process after the other.
class Watcher {
 public:
  Watcher(World& world, std::string tenant, uint64_t seed);

  void Step();
  const std::string& tenant() const { return tenant_; }
  const std::vector<Seen>& seen() const { return seen_; }

 private:
  struct Inbox {
    bool waiting = false;
    std::vector<rpc::Stream::Item> items;
  };
  void Take(const rpc::Stream::Item& item);
  void Open();

  World& world_;
  const std::string tenant_;
  Dice dice_;
  std::string position_ = "0";
  size_t process_ = 0;
  uint64_t start_ = 0;  // which life of the process the stream belongs to
  std::shared_ptr<rpc::Stream> stream_;
  std::shared_ptr<Inbox> inbox_;
  std::vector<Seen> seen_;
};

}  // namespace crm::simulation
