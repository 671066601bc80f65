#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "libs/shard/shard.h"

namespace crm::rpc {

// Where a tenant's partition of a service is.
struct Place {
  std::string_view service;       // lives as long as the host
  int partition = -1;             // -1: the host does not run the service
  shard::Shard* shard = nullptr;  // null: it is not followed here
  // Commands and default reads are the shard's. Else they are another process's, if anybody's.
  bool here = false;
};

// The shards that this process runs, by service and tenant.
class Host {
 public:
  virtual ~Host() = default;
  // For a service such as `sales`.
  virtual Place Find(std::string_view service, std::string_view tenant) = 0;
  // Services that this process runs.
  virtual std::vector<std::string> Services() const = 0;
};

}  // namespace crm::rpc
