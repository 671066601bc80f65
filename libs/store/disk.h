#pragma once

#include <memory>

namespace crm::store {

// What a store lies on. One in memory outlives the stores on it, as a disk outlives a process.
class Disk {
 public:
  static std::shared_ptr<Disk> Real();
  static std::shared_ptr<Disk> InMemory();
  virtual ~Disk() = default;
};

}  // namespace crm::store
