#include "libs/rpc/server/grpc_peers.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include <utility>

#include "libs/rpc/server/bytes.h"
#include "libs/rpc/server/passed_on.h"
#include "libs/rpc/server/peer_stream.h"

namespace crm::rpc {
namespace {

struct UnaryPassedOn {
  grpc::ClientContext context;
  grpc::ByteBuffer request;
  grpc::ByteBuffer response;
  std::function<void(Answer)> done;
};

grpc::ChannelArguments Arguments() {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(-1);
  // A process that was started again is found again soon; one that is silent is not waited for.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 1'000);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 20'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 5'000);
  // Every hop keeps its own connections, whatever this process calls besides.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return arguments;
}

}  // namespace

std::shared_ptr<grpc::GenericStub> GrpcPeers::StubFor(const std::string& address) {
  const std::lock_guard lock(mutex_);
  auto& stub = stubs_[address];
  if (!stub) {
    stub = std::make_shared<grpc::GenericStub>(
        grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), Arguments()));
  }
  return stub;
}

std::function<void()> GrpcPeers::Unary(const std::string& address, const Call& call,
                                       std::function<void(Answer)> done) {
  auto passed = std::make_shared<UnaryPassedOn>();
  PassOn(call, clock_, &passed->context);
  passed->request = ToBuffer(call.request);
  passed->done = std::move(done);
  auto stub = StubFor(address);
  stub->UnaryCall(&passed->context, call.path, {}, &passed->request, &passed->response,
                  [passed](grpc::Status status) {
                    Answer answer;
                    answer.status = StatusOf(status);
                    if (status.ok()) answer.body = ToText(passed->response);
                    answer.initial = InitialOf(passed->context);
                    answer.trailing = TrailingOf(passed->context);
                    passed->done(std::move(answer));
                  });
  return [passed] { passed->context.TryCancel(); };
}

std::shared_ptr<Stream> GrpcPeers::Open(const std::string& address, const Call& call) {
  return PeerStream::Open(*StubFor(address), call, clock_);
}

}  // namespace crm::rpc
