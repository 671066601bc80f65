#pragma once

#include <memory>

#include "libs/rpc/directory.h"
#include "libs/rpc/route.h"

namespace crm::rpc {

// Who watches, by which rights, and of what.
struct Watcher {
  Call call;
  Route route;
  bool founded_only = false;
  const record::Catalogue& catalogue;  // outlives the watch, as the directory does
  Directory& directory;
};

// The changes of one record type after a position, as they are applied. It holds nothing but where
// it is: a client that reads slowly costs no memory. `until_now`: it ends when there is nothing
// more. It shows what its caller may read, and ends when the caller's rights change.
std::shared_ptr<Stream> OpenWatch(Watcher watcher, const shard::ReadOptions& read,
                                  bool initial_state, int64_t after, bool from_now, bool until_now);

}  // namespace crm::rpc
