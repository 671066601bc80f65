#pragma once

#include <functional>

#include "libs/rpc/route.h"

// Batches whose items are commands of their own: each has an outcome, and none is left out.
namespace crm::rpc {

using Unary = std::function<void(Call call, std::function<void(Answer)> done)>;

// Calls `unary` for each of the request's items, in order, with request id `<id>/<i>`; answers when
// all have an outcome. Only what is wrong with the request as a whole refuses the whole.
void RunBatchCommand(const Route& route, const Call& call, int max_batch, const Unary& unary,
                     std::function<void(Answer)> done);

}  // namespace crm::rpc
