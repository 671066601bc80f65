#include "libs/rpc/server/unary_call.h"

#include <utility>

#include "libs/rpc/server/bytes.h"

namespace crm::rpc {
namespace {

// The call that this thread is handing over.
thread_local const void* handing_over = nullptr;

}  // namespace

UnaryCall::UnaryCall(Serving& serving, grpc::GenericCallbackServerContext& context, int endpoint)
    : exchange_(serving, context, endpoint),
      serve_(std::get<UnaryFunction>(serving.endpoints[static_cast<size_t>(endpoint)].serve)) {
  StartRead(&request_);
}

void UnaryCall::OnReadDone(bool ok) {
  if (!ok) {
    answer_.status = MissingMessage(exchange_.serving().options);
    Complete();
    return;
  }
  Call call = exchange_.Arrived(request_);
  request_.Clear();
  const void* const outer = std::exchange(handing_over, this);
  serve_(std::move(call), [this](Answer answer) {
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
  const bool ok = answer_.status.code() == record::kOk;
  grpc::Status status = exchange_.Ended(std::move(answer_.status));
  if (ok) {
    response_ = ToBuffer(std::move(answer_.body));
    StartWriteAndFinish(&response_, grpc::WriteOptions(), std::move(status));
  } else {
    Finish(std::move(status));
  }
}

}  // namespace crm::rpc
