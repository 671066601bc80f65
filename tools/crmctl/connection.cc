#include "tools/crmctl/connection.h"

#include <grpcpp/client_context.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/byte_buffer.h>

#include <thread>

namespace crm::ctl {
namespace {

grpc::ByteBuffer BufferOf(const std::string& bytes) {
  grpc::Slice slice(bytes);
  return grpc::ByteBuffer(&slice, 1);
}

std::string BytesOf(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string bytes;
  if (!buffer.Dump(&slices).ok()) return bytes;
  for (const auto& slice : slices) {
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return bytes;
}

Status StatusOf(const grpc::Status& answered) {
  Status status;
  if (answered.ok()) return status;
  // Details that are no google.rpc.Status are as good as none.
  if (!status.ParseFromString(answered.error_details())) status.Clear();
  status.set_code(answered.error_code());
  status.set_message(answered.error_message());
  return status;
}

void CopyMetadata(const std::multimap<grpc::string_ref, grpc::string_ref>& from,
                  std::multimap<std::string, std::string>* to) {
  for (const auto& [key, value] : from) {
    to->emplace(std::string(key.data(), key.size()), std::string(value.data(), value.size()));
  }
}

void CopyTrailers(const grpc::ClientContext& context, Trailers* trailers) {
  if (!trailers) return;
  *trailers = Trailers();
  CopyMetadata(context.GetServerInitialMetadata(), &trailers->initial);
  CopyMetadata(context.GetServerTrailingMetadata(), &trailers->trailing);
}

void PrepareContext(const Headers& headers, std::chrono::milliseconds timeout,
                    grpc::ClientContext* context) {
  for (const auto& [key, value] : headers) context->AddMetadata(key, value);
  if (timeout.count() > 0) context->set_deadline(std::chrono::system_clock::now() + timeout);
}

// One call with a queue of its own, so that each step can wait for its own end.
class StreamingCall final : public Connection::Call {
 public:
  StreamingCall(grpc::GenericStub* stub, const std::string& path, const Headers& headers,
                std::chrono::milliseconds timeout) {
    PrepareContext(headers, timeout, &context_);
    stream_ = stub->PrepareCall(&context_, path, &queue_);
    stream_->StartCall(this);
    started_ = Await();
  }
  ~StreamingCall() override {
    if (!finished_) {
      Cancel();
      Finish(nullptr);
    }
    queue_.Shutdown();
    while (queue_.Next(&tag_, &ok_)) {
    }
  }

  bool Write(const std::string& message) override {
    if (!started_) return false;
    stream_->Write(BufferOf(message), this);
    return Await();
  }
  bool WritesDone() override {
    if (!started_) return false;
    stream_->WritesDone(this);
    return Await();
  }
  bool Read(std::string* message) override {
    if (!started_) return false;
    grpc::ByteBuffer buffer;
    stream_->Read(&buffer, this);
    if (!Await()) return false;
    *message = BytesOf(buffer);
    return true;
  }
  void Cancel() override { context_.TryCancel(); }
  Status Finish(Trailers* trailers) override {
    finished_ = true;
    grpc::Status status;
    stream_->Finish(&status, this);
    Await();
    CopyTrailers(context_, trailers);
    return StatusOf(status);
  }

 private:
  bool Await() { return queue_.Next(&tag_, &ok_) && ok_; }

  grpc::CompletionQueue queue_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> stream_;
  bool started_ = false;
  bool finished_ = false;
  void* tag_ = nullptr;
  bool ok_ = false;
};

}  // namespace

struct Connection::Parts {
  Parts(const std::shared_ptr<grpc::Channel>& opened, Headers sent, std::chrono::milliseconds limit)
      : channel(opened), stub(opened), headers(std::move(sent)), timeout(limit) {}
  std::shared_ptr<grpc::Channel> channel;
  grpc::GenericStub stub;
  Headers headers;
  std::chrono::milliseconds timeout;
};

Connection::Connection(const std::string& server, Headers headers,
                       std::chrono::milliseconds timeout) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(-1);  // A page of 1,000 records may have 256 MiB.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 500);
  auto channel = grpc::CreateCustomChannel(server, grpc::InsecureChannelCredentials(), arguments);
  parts_ = std::make_unique<Parts>(channel, std::move(headers), timeout);
}

Connection::~Connection() = default;

Status Connection::Unary(const std::string& path, const std::string& request, std::string* response,
                         Trailers* trailers, const Headers& more) {
  grpc::ClientContext context;
  PrepareContext(parts_->headers, parts_->timeout, &context);
  for (const auto& [key, value] : more) context.AddMetadata(key, value);
  grpc::CompletionQueue queue;
  auto call = parts_->stub.PrepareUnaryCall(&context, path, BufferOf(request), &queue);
  call->StartCall();
  grpc::ByteBuffer answer;
  grpc::Status status;
  call->Finish(&answer, &status, this);
  void* tag = nullptr;
  bool ok = false;
  queue.Next(&tag, &ok);
  if (status.ok()) *response = BytesOf(answer);
  CopyTrailers(context, trailers);
  return StatusOf(status);
}

void Connection::Pause(std::chrono::milliseconds pause) {
  if (parts_->channel->GetState(false) == GRPC_CHANNEL_READY) {
    std::this_thread::sleep_for(pause);
  } else {
    parts_->channel->WaitForConnected(std::chrono::system_clock::now() + pause);
  }
}

std::unique_ptr<Connection::Call> Connection::Open(const std::string& path, bool limited) {
  return std::make_unique<StreamingCall>(&parts_->stub, path, parts_->headers,
                                         limited ? parts_->timeout : std::chrono::milliseconds(0));
}

}  // namespace crm::ctl
