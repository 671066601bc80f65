#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "libs/shard/shard.h"

namespace crm::rpc {

// The shards that this process runs, by service and tenant.
class Host {
 public:
  virtual ~Host() = default;
  // The shard that serves a tenant in a service such as `sales`, or null.
  virtual shard::Shard* Find(std::string_view service, std::string_view tenant) = 0;
  // Services that this process runs.
  virtual std::vector<std::string> Services() const = 0;
};

}  // namespace crm::rpc
