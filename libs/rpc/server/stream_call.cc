#include "libs/rpc/server/stream_call.h"

#include <utility>

#include "libs/rpc/server/bytes.h"

namespace crm::rpc {

StreamCall::StreamCall(Serving& serving, grpc::GenericCallbackServerContext& context, int endpoint)
    : exchange_(serving, context, endpoint),
      open_(std::get<StreamFunction>(serving.endpoints[static_cast<size_t>(endpoint)].serve)) {
  StartRead(&request_);
}

void StreamCall::OnReadDone(bool ok) {
  if (!ok) {
    Finish(exchange_.Ended(MissingMessage(exchange_.serving().options)));
    return;
  }
  stream_ = open_(exchange_.Arrived(request_));
  request_.Clear();
  opened_ = stream_.get();
  listed_ = exchange_.serving().endless.Add(this);
  // Whoever wanted the end before there was a stream has found none to end.
  if (!listed_ || ending_) stream_->Cancel();
  stream_->Initial([this](std::optional<Metadata> initial) { Begin(initial); });
}

void StreamCall::Begin(const std::optional<Metadata>& initial) {
  if (initial) {
    exchange_.AddInitial(*initial);
    StartSendInitialMetadata();
  }
  Pull();
}

void StreamCall::Pull() {
  stream_->Next([this](Stream::Item item) {
    item_ = std::move(item);
    exchange_.serving().completer.Add(this);
  });
}

void StreamCall::Complete() {
  if (item_.end) {
    exchange_.AddTrailing(item_.trailing);
    Finish(exchange_.Ended(std::move(item_.status)));
    return;
  }
  message_ = ToBuffer(std::move(item_.message));
  StartWrite(&message_);
}

void StreamCall::OnWriteDone(bool ok) {
  if (!ok) End();
  Pull();
}

void StreamCall::End() {
  ending_ = true;
  if (Stream* stream = opened_) stream->Cancel();
}

void StreamCall::OnDone() {
  if (listed_) exchange_.serving().endless.Remove(this);
  delete this;
}

}  // namespace crm::rpc
