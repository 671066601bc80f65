#pragma once

#include <grpcpp/generic/generic_stub.h>

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "libs/record/clock.h"
#include "libs/rpc/peers.h"

namespace crm::rpc {

// Calls other processes over gRPC, without knowing any message. The connections are plain: what
// they carry is believed as little or as much as what comes from any other caller.
class GrpcPeers final : public Peers {
 public:
  explicit GrpcPeers(const record::Clock& clock) : clock_(clock) {}

  std::function<void()> Unary(const std::string& address, const Call& call,
                              std::function<void(Answer)> done) override;
  std::shared_ptr<Stream> Open(const std::string& address, const Call& call) override;

 private:
  std::shared_ptr<grpc::GenericStub> StubFor(const std::string& address);

  const record::Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<grpc::GenericStub>> stubs_;
};

}  // namespace crm::rpc
