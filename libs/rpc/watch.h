#pragma once

#include <memory>

#include "libs/rpc/route.h"

namespace crm::rpc {

// The changes of one record type after a position, as they are applied. It holds nothing but where
// it is: a client that reads slowly costs no memory. `until_now`: it ends when there is nothing
// more.
std::shared_ptr<Stream> OpenWatch(Route route, const record::Catalogue& catalogue,
                                  const shard::ReadOptions& read, bool initial_state, int64_t after,
                                  bool from_now, bool until_now);

}  // namespace crm::rpc
