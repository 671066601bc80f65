#pragma once

#include <grpcpp/impl/service_type.h>

#include "libs/rpc/server/serving.h"

namespace crm::rpc {

// The endpoints with one request and one answer, registered with gRPC by name. It then reads the
// request before it hands over the call, and finishes a call in one step: a generic service's calls
// are streams to it, and cost half as much again.
class UnaryMethods final : public grpc::Service {
 public:
  explicit UnaryMethods(Serving& serving);
};

}  // namespace crm::rpc
