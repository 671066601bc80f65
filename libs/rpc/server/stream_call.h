#pragma once

#include <atomic>
#include <memory>
#include <optional>

#include "libs/rpc/server/serving.h"

namespace crm::rpc {

// One request, a stream of messages. The next message is asked for when the one before has been
// written, so a client that does not read holds up its own stream and nothing else.
class StreamCall final : public grpc::ServerGenericBidiReactor,
                         private Completer::Item,
                         private Endless {
 public:
  StreamCall(Serving& serving, grpc::GenericCallbackServerContext& context, int endpoint);

  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override { End(); }
  void OnDone() override;

 private:
  void End() override;
  void Begin(const std::optional<Metadata>& initial);
  void Pull();
  void Complete() override;

  Exchange exchange_;
  const StreamFunction& open_;
  grpc::ByteBuffer request_;
  grpc::ByteBuffer message_;
  std::shared_ptr<Stream> stream_;
  // The stream for End(), which may be called before there is one.
  std::atomic<Stream*> opened_{nullptr};
  std::atomic<bool> ending_{false};
  bool listed_ = false;
  Stream::Item item_;
};

}  // namespace crm::rpc
