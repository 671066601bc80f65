#include "tests/server/client.h"

#include <grpcpp/create_channel.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <functional>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace crm::test {
namespace {

using Headers = std::multimap<grpc::string_ref, grpc::string_ref>;

constexpr auto kTimeout = std::chrono::seconds(30);

std::chrono::system_clock::time_point Deadline() {
  return std::chrono::system_clock::now() + kTimeout;
}

std::multimap<std::string, std::string> Texts(const Headers& headers) {
  std::multimap<std::string, std::string> texts;
  for (const auto& [key, value] : headers) {
    texts.emplace(std::string(key.data(), key.size()), std::string(value.data(), value.size()));
  }
  return texts;
}

std::shared_ptr<grpc::Channel> ChannelTo(const Server& server) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  // Servers come back within milliseconds here.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 10);
  // This is how long a connection may take to be made: long, on a machine that is busy with tests.
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 5'000);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 200);
  arguments.SetMaxReceiveMessageSize(-1);
  arguments.SetMaxSendMessageSize(-1);
  return grpc::CreateCustomChannel(server.target(), grpc::InsecureChannelCredentials(), arguments);
}

void ReadDetails(const std::string& bytes, Outcome* outcome) {
  google::rpc::Status status;
  if (!status.ParseFromString(bytes)) return;
  for (const auto& detail : status.details()) {
    google::rpc::ErrorInfo info;
    google::rpc::BadRequest bad;
    if (detail.UnpackTo(&info)) {
      outcome->reason = info.reason();
      outcome->facts.insert(info.metadata().begin(), info.metadata().end());
    } else if (detail.UnpackTo(&bad)) {
      for (const auto& violation : bad.field_violations()) {
        outcome->faults[violation.field()] = violation.reason();
      }
    } else if (detail.Is<google::rpc::RetryInfo>()) {
      outcome->retry_after = true;
    }
  }
}

Outcome OutcomeOf(const grpc::Status& status, const grpc::ClientContext& context) {
  Outcome outcome;
  outcome.code = status.error_code();
  outcome.message = status.error_message();
  ReadDetails(status.error_details(), &outcome);
  outcome.initial = Texts(context.GetServerInitialMetadata());
  outcome.trailing = Texts(context.GetServerTrailingMetadata());
  return outcome;
}

std::string ValueIn(const std::multimap<std::string, std::string>& texts, const std::string& key) {
  auto found = texts.find(key);
  return found == texts.end() ? "" : found->second;
}

// With CRM_FUZZ_SEEDS set to a folder, each request is kept there as a seed for the fuzzer
// (tests/fuzz): the method's path, a line feed, the request.
void KeepForFuzzing(const std::string& path, const std::string& request) {
  constexpr size_t kLongestSeed = 4096;
  const char* folder = std::getenv("CRM_FUZZ_SEEDS");
  if (folder == nullptr || request.size() > kLongestSeed) return;
  const std::string seed = path + "\n" + request;
  std::ofstream file(std::string(folder) + "/" + std::to_string(std::hash<std::string>()(seed)),
                     std::ios::binary);
  file << seed;
}

}  // namespace

grpc::ByteBuffer ToBuffer(const std::string& text) {
  grpc::Slice slice(text);
  return grpc::ByteBuffer(&slice, 1);
}

std::string ToText(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string text;
  if (!buffer.Dump(&slices).ok()) return text;
  for (const grpc::Slice& slice : slices) {
    text.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return text;
}

std::string Outcome::Initial(const std::string& key) const { return ValueIn(initial, key); }

std::string Outcome::Trailing(const std::string& key) const { return ValueIn(trailing, key); }

std::ostream& operator<<(std::ostream& out, const Outcome& outcome) {
  out << "code " << outcome.code << ' ' << outcome.reason << ": " << outcome.message;
  for (const auto& [key, value] : outcome.facts) out << "\n  " << key << " = " << value;
  for (const auto& [field, reason] : outcome.faults) out << "\n  " << field << ": " << reason;
  return out;
}

Stream::Stream(const std::shared_ptr<grpc::Channel>& channel, const std::string& path,
               const std::string& request, const Metadata& metadata) {
  for (const auto& [key, value] : metadata) context_.AddMetadata(key, value);
  grpc::GenericStub stub(channel);
  call_ = stub.PrepareCall(&context_, path, &queue_);
  call_->StartCall(nullptr);
  if (!Await()) return;
  call_->WriteLast(ToBuffer(request), {}, nullptr);
  Await();
}

Stream::~Stream() {
  Finish();
  queue_.Shutdown();
  Await();
}

bool Stream::Await() {
  void* tag = nullptr;
  bool ok = false;
  if (queue_.AsyncNext(&tag, &ok, Deadline()) != grpc::CompletionQueue::TIMEOUT) return ok;
  context_.TryCancel();
  queue_.Next(&tag, &ok);
  return false;
}

bool Stream::Next(google::protobuf::MessageLite* message) {
  grpc::ByteBuffer buffer;
  call_->Read(&buffer, nullptr);
  ended_ = !Await();
  return !ended_ && message->ParseFromString(ToText(buffer));
}

Outcome Stream::Finish() {
  if (finished_) return {};
  finished_ = true;
  grpc::Status status;
  if (!ended_) context_.TryCancel();
  call_->Finish(&status, nullptr);
  Await();
  return OutcomeOf(status, context_);
}

Client::Client(const Server& server, const std::string& tenant, const std::string& user)
    : Client(server, Metadata{{"crm-tenant", tenant}, {"crm-user", user}}) {}

Client::Client(const Server& server, Metadata metadata)
    : channel_(ChannelTo(server)), metadata_(std::move(metadata)) {}

Client Client::With(const Metadata& more) const {
  Client client = *this;
  client.metadata_.insert(client.metadata_.end(), more.begin(), more.end());
  return client;
}

Client Client::Within(std::chrono::milliseconds timeout) const {
  Client client = *this;
  client.timeout_ = timeout;
  return client;
}

Outcome Client::CallBytes(const std::string& path, const std::string& request,
                          std::string* response) const {
  KeepForFuzzing(path, request);
  grpc::ClientContext context;
  for (const auto& [key, value] : metadata_) context.AddMetadata(key, value);
  context.set_deadline(std::chrono::system_clock::now() + timeout_);
  grpc::CompletionQueue queue;
  grpc::GenericStub stub(channel_);
  auto call = stub.PrepareUnaryCall(&context, path, ToBuffer(request), &queue);
  call->StartCall();
  grpc::ByteBuffer buffer;
  grpc::Status status;
  call->Finish(&buffer, &status, nullptr);
  void* tag = nullptr;
  bool ok = false;
  queue.Next(&tag, &ok);
  if (status.ok()) *response = ToText(buffer);
  return OutcomeOf(status, context);
}

Outcome Client::CallInto(const std::string& path, const google::protobuf::Message& request,
                         google::protobuf::Message* response) const {
  std::string bytes;
  Outcome outcome = CallBytes(path, request.SerializeAsString(), &bytes);
  if (outcome.ok() && !response->ParseFromString(bytes)) {
    outcome.code = grpc::StatusCode::INTERNAL;
    outcome.message = "the answer is no " + response->GetTypeName();
  }
  return outcome;
}

std::unique_ptr<Stream> Client::Open(const std::string& path,
                                     const google::protobuf::Message& request) const {
  return std::make_unique<Stream>(channel_, path, request.SerializeAsString(), metadata_);
}

}  // namespace crm::test
