#pragma once

#include <google/protobuf/message.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/generic/generic_stub.h>

#include <chrono>
#include <map>
#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "tests/server/server.h"

// A client that knows messages, and no service: methods are named by their paths.
namespace crm::test {

using Metadata = std::vector<std::pair<std::string, std::string>>;

// How a call ended.
struct Outcome {
  int code = 0;
  std::string message;
  std::string reason;                         // of the ErrorInfo
  std::map<std::string, std::string> facts;   // of the ErrorInfo
  std::map<std::string, std::string> faults;  // of the BadRequest: field -> reason
  bool retry_after = false;                   // a RetryInfo was there
  std::multimap<std::string, std::string> initial;
  std::multimap<std::string, std::string> trailing;

  bool ok() const { return code == 0; }
  // A value of the initial or trailing metadata; empty: none.
  std::string Initial(const std::string& key) const;
  std::string Trailing(const std::string& key) const;
  // From now on, reads at this position see what the call did.
  std::string position() const { return Initial("crm-position"); }
};
std::ostream& operator<<(std::ostream& out, const Outcome& outcome);

template <class Response>
struct Answer : Outcome {
  Response body;
};

// The messages of one streaming call.
class Stream {
 public:
  Stream(const std::shared_ptr<grpc::Channel>& channel, const std::string& path,
         const std::string& request, const Metadata& metadata);
  ~Stream();

  // False at the end, or when nothing came within half a minute.
  bool Next(google::protobuf::MessageLite* message);
  // Ends it, if it has not ended yet, and says how it did.
  Outcome Finish();

 private:
  bool Await();

  grpc::ClientContext context_;
  grpc::CompletionQueue queue_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> call_;
  bool ended_ = false;
  bool finished_ = false;
};

class Client {
 public:
  // Who calls: `crm-tenant` and `crm-user`.
  Client(const Server& server, const std::string& tenant,
         const std::string& user = "ana@example.com");
  // With exactly this metadata.
  Client(const Server& server, Metadata metadata);
  // The same, calling with further metadata.
  Client With(const Metadata& more) const;
  // The same, waiting for an answer no longer than this instead of half a minute.
  Client Within(std::chrono::milliseconds timeout) const;

  Outcome CallBytes(const std::string& path, const std::string& request,
                    std::string* response) const;
  Outcome CallInto(const std::string& path, const google::protobuf::Message& request,
                   google::protobuf::Message* response) const;
  template <class Response>
  Answer<Response> Call(const std::string& path, const google::protobuf::Message& request) const {
    Answer<Response> answer;
    static_cast<Outcome&>(answer) = CallInto(path, request, &answer.body);
    return answer;
  }
  std::unique_ptr<Stream> Open(const std::string& path,
                               const google::protobuf::Message& request) const;

  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }
  const Metadata& metadata() const { return metadata_; }

 private:
  std::shared_ptr<grpc::Channel> channel_;
  Metadata metadata_;
  std::chrono::milliseconds timeout_ = std::chrono::seconds(30);
};

// The serialised request in the bytes of gRPC, and back.
grpc::ByteBuffer ToBuffer(const std::string& text);
std::string ToText(const grpc::ByteBuffer& buffer);

}  // namespace crm::test
