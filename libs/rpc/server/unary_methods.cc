#include "libs/rpc/server/unary_methods.h"

#include <grpcpp/impl/codegen/server_callback_handlers.h>

#include "libs/rpc/server/unary_call.h"

namespace crm::rpc {
namespace {

using Handler = grpc::internal::CallbackUnaryHandler<grpc::ByteBuffer, grpc::ByteBuffer>;

}  // namespace

// gRPC keeps the pointers to the names, which live as long as `serving`, and deletes the rest. A
// call deletes itself when it is done.
UnaryMethods::UnaryMethods(Serving& serving) {
  int registered = 0;
  for (size_t i = 0; i < serving.endpoints.size(); ++i) {
    const Endpoint& endpoint = serving.endpoints[i];
    if (!std::holds_alternative<UnaryFunction>(endpoint.serve)) continue;
    AddMethod(new grpc::internal::RpcServiceMethod(endpoint.path.c_str(),
                                                   grpc::internal::RpcMethod::NORMAL_RPC, nullptr));
    MarkMethodRawCallback(
        registered++, new Handler([&serving, place = static_cast<int>(i)](
                                      grpc::CallbackServerContext* context,
                                      const grpc::ByteBuffer* request, grpc::ByteBuffer* response) {
          return new UnaryCall(serving, *context, place, *request, response);
        }));
  }
}

}  // namespace crm::rpc
