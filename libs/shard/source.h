#pragma once

#include <string>

#include "libs/log/log.h"

namespace crm::shard {

// One partition of a service's log that a shard follows.
struct Source {
  std::string service;
  int partition = 0;
  bool whole = true;        // of all its tenants, else of those that every partition keeps
  log::Log* log = nullptr;  // outlives the shard
};

}  // namespace crm::shard
