#pragma once

#include <string>

#include "libs/rpc/route.h"
#include "libs/store/view.h"

// Requests that only read, answered from one view of the projections.
namespace crm::rpc {

struct ReadContext {
  const Route& route;
  const record::Catalogue& catalogue;
  const DispatcherOptions& options;
  const shard::Shard& shard;
};

// The request's own `min_position`.
std::string_view MinPositionOf(const Route& route);
// The record type that the request names, where the method does not; null and a status if none.
const record::RecordType* TypeOfRequest(const Route& route, const record::Catalogue& catalogue,
                                        record::Status* status);

Answer AnswerGet(const ReadContext& context, const store::View& view);
Answer AnswerList(const ReadContext& context, const store::View& view);
Answer AnswerBatchGet(const ReadContext& context, const store::View& view);
Answer AnswerHistory(const ReadContext& context, const store::View& view);

}  // namespace crm::rpc
