#include "libs/rpc/server/unary_call.h"

#include <utility>

#include "libs/rpc/server/bytes.h"

namespace crm::rpc {
namespace {

// The call that this thread is handing over.
thread_local const void* handing_over = nullptr;

}  // namespace

UnaryCall::UnaryCall(Serving& serving, grpc::CallbackServerContext& context, int endpoint,
                     const grpc::ByteBuffer& request, grpc::ByteBuffer* response)
    : exchange_(serving, context, endpoint),
      serve_(std::get<UnaryFunction>(serving.endpoints[static_cast<size_t>(endpoint)].serve)),
      response_(response) {
  if (request.Valid()) {
    HandOver(request);
  } else {
    answer_.status = MissingMessage(serving.options);
    Complete();
  }
}

void UnaryCall::HandOver(const grpc::ByteBuffer& request) {
  const void* const outer = std::exchange(handing_over, this);
  serve_(exchange_.Arrived(request), [this](Answer answer) {
    answer_ = std::move(answer);
    if (handing_over == this) {
      Complete();
    } else {
      exchange_.serving().completer.Add(this);
    }
  });
  handing_over = outer;
}

void UnaryCall::Complete() {
  exchange_.AddInitial(answer_.initial);
  exchange_.AddTrailing(answer_.trailing);
  if (answer_.status.code() == record::kOk) *response_ = ToBuffer(std::move(answer_.body));
  Finish(exchange_.Ended(std::move(answer_.status)));
}

}  // namespace crm::rpc
