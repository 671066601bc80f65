#pragma once

#include <string>

#include "libs/rpc/route.h"
#include "libs/store/view.h"

// What a watch sends: the bytes of a message, or nothing where its caller, by the route's rights,
// may not see it.
namespace crm::rpc {

std::string WatchedChange(const Route& route, const record::Catalogue& catalogue,
                          const store::View& view, store::TenantNumber tenant,
                          const store::Change& change);

// A record as it was when the watch began, at the position.
std::string WatchedRecord(const Route& route, const record::Catalogue& catalogue,
                          const store::View& view, store::TenantNumber tenant, std::string image,
                          int64_t position);

}  // namespace crm::rpc
