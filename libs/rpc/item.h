#pragma once

#include <string>
#include <utility>
#include <vector>

#include "libs/rpc/route.h"
#include "libs/shard/command.h"

// One record in a request that creates or updates.
namespace crm::rpc {

// Numbers of the standard requests' fields (tools/new_record writes them).
inline constexpr uint32_t kItemRequestId = 3, kItemValidateOnly = 4;

// What is read out of a request while its faults are gathered.
struct Reading {
  const Route& route;
  const record::Catalogue& catalogue;
  std::vector<record::Violation> violations;

  void Add(std::vector<record::Violation> found) {
    for (auto& violation : found) violations.push_back(std::move(violation));
  }
};

// One create or update, alone or inside a batch (`prefix` is then `requests[3].`). `message`: the
// request's type.
shard::Write ReadItem(const record::MessageType& message, const record::Spans& item, bool creates,
                      const std::string& prefix, Reading& reading);

}  // namespace crm::rpc
