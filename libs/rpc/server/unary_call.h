#pragma once

#include <grpcpp/support/server_callback.h>

#include "libs/rpc/server/serving.h"

namespace crm::rpc {

// One request, one answer. Answers that come while the request is handed over, as most reads' do,
// are sent by gRPC's own thread; later ones by the completer.
class UnaryCall final : public grpc::ServerUnaryReactor, private Completer::Item {
 public:
  // `request` is not valid if there was none. `response` lives until the call is done.
  UnaryCall(Serving& serving, grpc::CallbackServerContext& context, int endpoint,
            const grpc::ByteBuffer& request, grpc::ByteBuffer* response);

  void OnDone() override { delete this; }
  // OnDone() has nothing to wait for, so it needs no other thread of gRPC's to run on, which costs
  // as much as all the rest of finishing a call.
  bool InternalInlineable() override { return true; }

 private:
  void HandOver(const grpc::ByteBuffer& request);
  void Complete() override;

  Exchange exchange_;
  const UnaryFunction& serve_;
  grpc::ByteBuffer* const response_;
  Answer answer_;
};

}  // namespace crm::rpc
