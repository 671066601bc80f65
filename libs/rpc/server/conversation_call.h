#pragma once

#include <memory>
#include <mutex>

#include "libs/rpc/server/serving.h"

namespace crm::rpc {

// Requests answered one by one until the client has no more.
class ConversationCall final : public grpc::ServerGenericBidiReactor, private Endless {
 public:
  ConversationCall(Serving& serving, grpc::GenericCallbackServerContext& context, int endpoint);

  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnDone() override;

 private:
  void End() override;
  void FinishOnce(record::Status status);

  Exchange exchange_;
  std::unique_ptr<Conversation> conversation_;
  grpc::ByteBuffer request_;
  grpc::ByteBuffer answer_;
  std::mutex mutex_;  // End() comes from another thread than the rest
  bool writing_ = false;
  bool ending_ = false;
  bool finished_ = false;
};

}  // namespace crm::rpc
