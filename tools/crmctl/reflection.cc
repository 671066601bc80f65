#include "tools/crmctl/reflection.h"

#include <grpc/reflection/v1/reflection.pb.h>

#include "google/rpc/code.pb.h"
#include "tools/crmctl/session.h"

namespace crm::ctl {
namespace {

namespace v1 = grpc::reflection::v1;
using Files = std::map<std::string, google::protobuf::FileDescriptorProto>;

constexpr char kPath[] = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";

Status MakeFailure(int code, const std::string& text) {
  Status status;
  status.set_code(code);
  status.set_message(text);
  return status;
}

// One conversation; false from Ask: it has ended early.
class Conversation {
 public:
  explicit Conversation(Connection& connection) : call_(connection.Open(kPath, true)) {}

  bool Ask(const v1::ServerReflectionRequest& request, v1::ServerReflectionResponse* response) {
    std::string bytes;
    if (!call_->Write(request.SerializeAsString()) || !call_->Read(&bytes)) return false;
    return response->ParseFromString(bytes);
  }
  Status Finish() {
    call_->WritesDone();
    Status status = call_->Finish();
    if (status.code() == google::rpc::OK) {
      return MakeFailure(google::rpc::INTERNAL, "the server's description of itself is broken off");
    }
    return status;
  }

 private:
  std::unique_ptr<Connection::Call> call_;
};

// Adds what the answer has to `files`, and says whether it has anything.
bool AddFiles(const v1::ServerReflectionResponse& response, Files* files) {
  for (const auto& bytes : response.file_descriptor_response().file_descriptor_proto()) {
    google::protobuf::FileDescriptorProto file;
    if (!file.ParseFromString(bytes)) return false;
    files->emplace(file.name(), file);
  }
  return response.has_file_descriptor_response();
}

// The first import that was not sent, or nothing.
std::string FirstMissing(const Files& files) {
  for (const auto& [name, file] : files) {
    for (const auto& dependency : file.dependency()) {
      if (!files.contains(dependency)) return dependency;
    }
  }
  return {};
}

bool AskForFiles(Conversation& conversation, const std::vector<std::string>& services,
                 Files* files) {
  v1::ServerReflectionResponse response;
  for (const auto& service : services) {
    v1::ServerReflectionRequest request;
    request.set_file_containing_symbol(service);
    if (!conversation.Ask(request, &response)) return false;
    // A service without a description, as gRPC's own may be, can't be called by its form: left out.
    AddFiles(response, files);
  }
  for (std::string missing = FirstMissing(*files); !missing.empty();
       missing = FirstMissing(*files)) {
    v1::ServerReflectionRequest request;
    request.set_file_by_filename(missing);
    if (!conversation.Ask(request, &response)) return false;
    if (!AddFiles(response, files) || !files->contains(missing)) {
      throw Failure(MakeFailure(google::rpc::INTERNAL, "the server does not describe " + missing));
    }
  }
  return true;
}

Status ReflectOnce(Connection& connection, std::unique_ptr<Schema>* schema) {
  Conversation conversation(connection);
  v1::ServerReflectionRequest request;
  request.set_list_services("*");
  v1::ServerReflectionResponse response;
  if (!conversation.Ask(request, &response)) return conversation.Finish();
  std::vector<std::string> services;
  for (const auto& service : response.list_services_response().service()) {
    services.push_back(service.name());
  }
  Files files;
  if (!AskForFiles(conversation, services, &files)) return conversation.Finish();
  *schema = std::make_unique<Schema>(files, services);
  return {};
}

}  // namespace

std::unique_ptr<Schema> Reflect(Connection& connection, int retries) {
  std::unique_ptr<Schema> schema;
  Status status =
      SendWithRetries([&] { return ReflectOnce(connection, &schema); },
                      [&](auto pause) { PauseBeforeRetry(connection, pause); }, retries);
  if (status.code() == google::rpc::UNIMPLEMENTED) {
    status = MakeFailure(status.code(),
                         "the server does not offer gRPC reflection, from which crmctl knows what "
                         "there is to call; `crm serve --reflection` does");
  }
  if (status.code() != google::rpc::OK) throw Failure(status);
  return schema;
}

}  // namespace crm::ctl
