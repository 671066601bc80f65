#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "libs/record/clock.h"
#include "libs/rpc/server/bytes.h"
#include "libs/rpc/server/server.h"

// A running server and a client of it, for the tests of this folder.
namespace crm::rpc {

struct Answered {
  grpc::Status status;
  std::string body;
  std::multimap<std::string, std::string> initial;
  std::multimap<std::string, std::string> trailing;
};

inline std::multimap<std::string, std::string> Texts(
    const std::multimap<grpc::string_ref, grpc::string_ref>& metadata) {
  std::multimap<std::string, std::string> texts;
  for (const auto& [key, value] : metadata) {
    texts.emplace(std::string(key.data(), key.size()), std::string(value.data(), value.size()));
  }
  return texts;
}

inline std::shared_ptr<grpc::Channel> ChannelTo(const std::string& target) {
  grpc::ChannelArguments arguments;
  // A channel of its own, not one that another test has used.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(), arguments);
}

inline std::shared_ptr<grpc::Channel> ChannelTo(const Server& server) {
  return ChannelTo("127.0.0.1:" + std::to_string(server.port()));
}

// A channel that uses all addresses of its target that say they are ready.
inline std::shared_ptr<grpc::Channel> HealthCheckingChannelTo(const std::string& target) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetServiceConfigJSON(
      R"({"loadBalancingConfig": [{"round_robin": {}}],
          "healthCheckConfig": {"serviceName": "readiness"}})");
  return grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(), arguments);
}

// A bidirectional call, which every kind of method can be called with.
class Talk {
 public:
  using Headers = std::vector<std::pair<std::string, std::string>>;

  Talk(const std::shared_ptr<grpc::Channel>& channel, const std::string& path,
       const Headers& headers = {}, std::chrono::milliseconds timeout = std::chrono::seconds(30)) {
    for (const auto& [key, value] : headers) context_.AddMetadata(key, value);
    context_.set_deadline(std::chrono::system_clock::now() + timeout);
    grpc::GenericStub stub(channel);
    call_ = stub.PrepareCall(&context_, path, &queue_);
    call_->StartCall(nullptr);
    Await();
  }
  ~Talk() {
    context_.TryCancel();
    if (!finished_) Finish();
    queue_.Shutdown();
    Await();
  }

  bool Send(std::string message) {
    const grpc::ByteBuffer buffer = ToBuffer(std::move(message));
    call_->Write(buffer, nullptr);
    return Await();
  }
  void SendNoMore() {
    call_->WritesDone(nullptr);
    Await();
  }
  bool Receive(std::string* message) {
    grpc::ByteBuffer buffer;
    call_->Read(&buffer, nullptr);
    if (!Await()) return false;
    *message = ToText(buffer);
    return true;
  }
  void Cancel() { context_.TryCancel(); }
  Answered Finish() {
    Answered answered;
    call_->Finish(&answered.status, nullptr);
    Await();
    finished_ = true;
    answered.initial = Texts(context_.GetServerInitialMetadata());
    answered.trailing = Texts(context_.GetServerTrailingMetadata());
    return answered;
  }

 private:
  bool Await() {
    void* tag = nullptr;
    bool ok = false;
    return queue_.Next(&tag, &ok) && ok;
  }

  grpc::CompletionQueue queue_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> call_;
  bool finished_ = false;
};

inline Answered CallUnary(const std::shared_ptr<grpc::Channel>& channel, const std::string& path,
                          std::string request, const Talk::Headers& headers = {},
                          std::chrono::milliseconds timeout = std::chrono::seconds(30)) {
  Talk talk(channel, path, headers, timeout);
  std::string body;
  if (talk.Send(std::move(request))) talk.SendNoMore();
  talk.Receive(&body);
  Answered answered = talk.Finish();
  answered.body = std::move(body);
  return answered;
}

// Answers with what it was sent, at once.
inline void Echo(Call call, const std::function<void(Answer)>& done) {
  Answer answer;
  answer.body = std::move(call.request);
  answer.initial = {{"crm-position", "sales-0-7"}};
  answer.trailing = {{"crm-events", call.path}};
  done(std::move(answer));
}

inline Endpoint EchoEndpoint() { return {"/test.Echo/Echo", UnaryFunction(Echo)}; }

inline std::unique_ptr<Server> StartServer(std::vector<Endpoint> endpoints,
                                           ServerOptions options = {},
                                           Observer observer = nullptr) {
  static const record::SystemClock clock;
  if (options.address == ServerOptions().address) options.address = "127.0.0.1:0";
  auto started =
      Server::Start(std::move(options), std::move(endpoints), std::move(observer), clock);
  EXPECT_TRUE(started) << (started ? "" : started.error().text);
  return started ? std::move(started).value() : nullptr;
}

}  // namespace crm::rpc
