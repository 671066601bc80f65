#pragma once

#include <grpcpp/client_context.h>
#include <grpcpp/support/status.h>

#include "libs/record/clock.h"
#include "libs/rpc/dispatcher.h"

// A call as gRPC sends it to another process, and what comes back, in our own terms.
namespace crm::rpc {

// Metadata and deadline of the call.
void PassOn(const Call& call, const record::Clock& clock, grpc::ClientContext* context);

// With all its details. An end that no server has stated has the reason OWNER_LOST, or NOT_SERVING
// if the call was never sent.
record::Status StatusOf(const grpc::Status& status);

Metadata InitialOf(const grpc::ClientContext& context);
Metadata TrailingOf(const grpc::ClientContext& context);

}  // namespace crm::rpc
