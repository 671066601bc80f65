#pragma once

#include "libs/rpc/server/serving.h"

namespace crm::rpc {

// One request, one answer. Answers that come while the request is handed over, as most reads' do,
// are sent by gRPC's own thread; later ones by the completer.
class UnaryCall final : public grpc::ServerGenericBidiReactor, private Completer::Item {
 public:
  UnaryCall(Serving& serving, grpc::GenericCallbackServerContext& context, int endpoint);

  void OnReadDone(bool ok) override;
  void OnDone() override { delete this; }
  // OnDone() has nothing to wait for, so it needs no other thread of gRPC's to run on, which costs
  // as much as all the rest of finishing a call.
  bool InternalInlineable() override { return true; }

 private:
  void Complete() override;

  Exchange exchange_;
  const UnaryFunction& serve_;
  grpc::ByteBuffer request_;
  grpc::ByteBuffer response_;
  Answer answer_;
};

}  // namespace crm::rpc
