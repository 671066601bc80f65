#pragma once

#include <grpcpp/generic/generic_stub.h>

#include <memory>
#include <mutex>
#include <optional>

#include "libs/record/clock.h"
#include "libs/rpc/dispatcher.h"

namespace crm::rpc {

// A stream that another process serves.
class PeerStream final : public Stream,
                         private grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  static std::shared_ptr<Stream> Open(grpc::GenericStub& stub, const Call& call,
                                      const record::Clock& clock);

  void Initial(std::function<void(std::optional<Metadata>)> done) override;
  void Next(std::function<void(Item)> done) override;
  void Cancel() override;

 private:
  void OnReadInitialMetadataDone(bool ok) override;
  void OnReadDone(bool ok) override;
  void OnDone(const grpc::Status& status) override;
  void ReadMore();

  grpc::ClientContext context_;
  grpc::ByteBuffer request_;
  grpc::ByteBuffer message_;
  std::shared_ptr<PeerStream> self_;  // until gRPC is done with it

  std::mutex mutex_;
  std::function<void(std::optional<Metadata>)> beginning_;  // waits for initial_
  bool begun_ = false;                                      // initial_ is known
  std::optional<Metadata> initial_;                         // nothing: the stream was refused
  std::function<void(Item)> waiting_;
  bool reading_ = false;
  bool drained_ = false;  // there is nothing more to read
  bool cancelled_ = false;
  std::optional<Item> end_;
};

}  // namespace crm::rpc
