#include "libs/rpc/server/server.h"

#include <grpcpp/ext/health_check_service_server_builder_option.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <utility>

#include "libs/rpc/server/conversation_call.h"
#include "libs/rpc/server/keep_awake.h"
#include "libs/rpc/server/serving.h"
#include "libs/rpc/server/stream_call.h"
#include "libs/rpc/server/unary_methods.h"

namespace crm::rpc {
namespace {

// Answers a call of a method that does not exist.
class UnknownCall final : public grpc::ServerGenericBidiReactor {
 public:
  UnknownCall(Serving& serving, grpc::GenericCallbackServerContext& context) {
    Finish(Exchange(serving, context, -1)
               .Ended(record::MakeStatus(record::kUnimplemented, "UNKNOWN_METHOD",
                                         "There is no method of this name.")));
  }
  void OnDone() override { delete this; }
};

// Methods that stream, and those that do not exist.
class OtherMethods final : public grpc::CallbackGenericService {
 public:
  explicit OtherMethods(Serving& serving) : serving_(serving) {}

  // A reactor deletes itself when its call is done.
  grpc::ServerGenericBidiReactor* CreateReactor(
      grpc::GenericCallbackServerContext* context) override {
    const auto found = serving_.by_path.find(context->method());
    if (found == serving_.by_path.end()) return new UnknownCall(serving_, *context);
    const int endpoint = found->second;
    const auto& serve = serving_.endpoints[static_cast<size_t>(endpoint)].serve;
    if (std::holds_alternative<StreamFunction>(serve)) {
      return new StreamCall(serving_, *context, endpoint);
    }
    return new ConversationCall(serving_, *context, endpoint);
  }

 private:
  Serving& serving_;
};

void SetLimits(const ServerOptions& options, grpc::ServerBuilder* builder) {
  builder->SetMaxReceiveMessageSize(static_cast<int>(options.max_message_bytes));
  builder->SetMaxSendMessageSize(-1);
  auto set = [&](const char* name, int value) { builder->AddChannelArgument(name, value); };
  // Two servers on one port would each get some of the connections, and nobody would notice.
  set(GRPC_ARG_ALLOW_REUSEPORT, 0);
  set(GRPC_ARG_MAX_METADATA_SIZE, static_cast<int>(options.max_metadata_bytes));
  set(GRPC_ARG_MAX_CONCURRENT_STREAMS, options.max_streams);
  set(GRPC_ARG_KEEPALIVE_TIME_MS, options.keepalive_ms);
  set(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, options.keepalive_timeout_ms);
  set(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  set(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, options.min_ping_interval_ms);
  set(GRPC_ARG_HTTP2_MAX_PING_STRIKES, 2);
  if (options.max_connection_age_ms > 0) {
    set(GRPC_ARG_MAX_CONNECTION_AGE_MS, options.max_connection_age_ms);
    set(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, options.max_connection_age_grace_ms);
  }
}

}  // namespace

struct Server::Parts {
  Parts(ServerOptions options, std::vector<Endpoint> endpoints, Observer observer,
        const record::Clock& clock)
      : serving(std::move(options), std::move(endpoints), std::move(observer), clock),
        unary(serving),
        others(serving) {}

  Serving serving;
  UnaryMethods unary;
  OtherMethods others;
  KeepAwake awake;
  std::unique_ptr<grpc::Server> server;
  int port = 0;
};

record::Result<std::unique_ptr<Server>> Server::Start(ServerOptions options,
                                                      std::vector<Endpoint> endpoints,
                                                      Observer observer,
                                                      const record::Clock& clock) {
  auto parts =
      std::make_unique<Parts>(std::move(options), std::move(endpoints), std::move(observer), clock);
  const std::string& address = parts->serving.options.address;
  // Our own health service knows more than gRPC's.
  grpc::EnableDefaultHealthCheckService(false);
  grpc::ServerBuilder builder;
  SetLimits(parts->serving.options, &builder);
  builder.AddListeningPort(address, grpc::InsecureServerCredentials(), &parts->port);
  builder.RegisterService(&parts->unary);
  builder.RegisterCallbackGenericService(&parts->others);
  parts->server = builder.BuildAndStart();
  if (!parts->server || parts->port == 0) {
    return record::Error{"can not listen for gRPC on " + address, true};
  }
  return std::unique_ptr<Server>(new Server(std::move(parts)));
}

Server::Server(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Server::~Server() { Drain(std::chrono::milliseconds(0)); }

int Server::port() const { return parts_->port; }

void Server::Drain(std::chrono::milliseconds timeout) {
  parts_->serving.endless.EndAll();
  parts_->server->Shutdown(std::chrono::system_clock::now() + timeout);
}

bool IsLoopback(std::string_view address) {
  return address.starts_with("127.") || address.starts_with("localhost:") ||
         address.starts_with("[::1]:") || address.starts_with("unix:");
}

}  // namespace crm::rpc
