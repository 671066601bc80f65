#include "libs/rpc/server/conversation_call.h"

#include <optional>
#include <string>
#include <utility>

#include "libs/rpc/server/bytes.h"

namespace crm::rpc {
namespace {

constexpr int kRetryMs = 1'000;

record::Status Stopping() {
  return record::Unavailable("SERVER_STOPPING", "The server is about to stop.", kRetryMs);
}

}  // namespace

ConversationCall::ConversationCall(Serving& serving, grpc::GenericCallbackServerContext& context,
                                   int endpoint)
    : exchange_(serving, context, endpoint),
      conversation_(std::get<ConversationFunction>(
          serving.endpoints[static_cast<size_t>(endpoint)].serve)()) {
  StartRead(&request_);
  if (!serving.endless.Add(this)) FinishOnce(Stopping());
}

void ConversationCall::OnReadDone(bool ok) {
  std::lock_guard lock(mutex_);
  if (!ok) return FinishOnce({});
  if (finished_) return;
  std::optional<std::string> answer = conversation_->Reply(ToText(request_));
  if (!answer) {
    return FinishOnce(record::MakeStatus(record::kInvalidArgument, "MALFORMED_REQUEST",
                                         "The request is no message of its type."));
  }
  answer_ = ToBuffer(std::move(*answer));
  writing_ = true;
  StartWrite(&answer_);
}

void ConversationCall::OnWriteDone(bool ok) {
  std::lock_guard lock(mutex_);
  writing_ = false;
  if (!ok) return FinishOnce({});
  if (ending_) return FinishOnce(Stopping());
  StartRead(&request_);
}

void ConversationCall::End() {
  std::lock_guard lock(mutex_);
  ending_ = true;
  if (!writing_) FinishOnce(Stopping());
}

void ConversationCall::FinishOnce(record::Status status) {
  if (std::exchange(finished_, true)) return;
  Finish(exchange_.Ended(std::move(status)));
}

void ConversationCall::OnDone() {
  exchange_.serving().endless.Remove(this);
  delete this;
}

}  // namespace crm::rpc
