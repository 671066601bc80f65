#pragma once

#include <string>
#include <vector>

#include "libs/rpc/caller.h"
#include "libs/rpc/route.h"
#include "libs/store/view.h"

// Requests that only read, answered from one view of the projections.
namespace crm::rpc {

struct ReadContext {
  const Route& route;
  const record::Catalogue& catalogue;
  const DispatcherOptions& options;
  const shard::Shard& shard;
  // What is wrong with the position and the consistency that the call asks for.
  const std::vector<record::Violation>& faults;
};

// All that is wrong with the request by the annotations of its fields, and with these.
std::vector<record::Violation> FaultsOf(const ReadContext& context);

Answer AnswerGet(const ReadContext& context, const store::View& view);
Answer AnswerList(const ReadContext& context, const store::View& view);
Answer AnswerBatchGet(const ReadContext& context, const store::View& view);
Answer AnswerHistory(const ReadContext& context, const store::View& view);

}  // namespace crm::rpc
