#pragma once

#include <rocksdb/env.h>

#include "libs/store/disk.h"

namespace crm::store {

class RocksDisk : public Disk {
 public:
  virtual rocksdb::Env* env() = 0;
  // Stores on it come and go by the thousand: they take little memory and start no threads.
  virtual bool in_memory() const = 0;
};

}  // namespace crm::store
