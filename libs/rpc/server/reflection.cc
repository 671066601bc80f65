#include "libs/rpc/server/reflection.h"

#include <algorithm>
#include <set>
#include <utility>

#include "google/rpc/error_details.pb.h"
#include "grpc/health/v1/health.pb.h"
#include "grpc/reflection/v1/reflection.pb.h"
#include "grpc/reflection/v1alpha/reflection.pb.h"

namespace crm::rpc {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;

// v1alpha's messages have the same bytes.
namespace v1 = grpc::reflection::v1;

// One call: it remembers which files it has sent.
class Questions final : public Conversation {
 public:
  explicit Questions(const Reflection& reflection) : reflection_(reflection) {}

  std::optional<std::string> Reply(std::string_view bytes) override {
    v1::ServerReflectionRequest request;
    if (!request.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return std::nullopt;
    v1::ServerReflectionResponse response;
    response.set_valid_host(request.host());
    *response.mutable_original_request() = request;
    Fill(request, &response);
    return response.SerializeAsString();
  }

 private:
  void Fill(const v1::ServerReflectionRequest& request, v1::ServerReflectionResponse* response) {
    using Request = v1::ServerReflectionRequest;
    switch (request.message_request_case()) {
      case Request::kFileByFilename:
        return Send(reflection_.FindFile(request.file_by_filename()), response);
      case Request::kFileContainingSymbol:
        return Send(reflection_.FindSymbol(request.file_containing_symbol()), response);
      case Request::kFileContainingExtension: {
        const v1::ExtensionRequest& asked = request.file_containing_extension();
        return Send(reflection_.FindExtension(asked.containing_type(), asked.extension_number()),
                    response);
      }
      case Request::kAllExtensionNumbersOfType:
        return SendNumbers(request.all_extension_numbers_of_type(), response);
      case Request::kListServices:
        for (const std::string& service : reflection_.services()) {
          response->mutable_list_services_response()->add_service()->set_name(service);
        }
        return;
      case Request::MESSAGE_REQUEST_NOT_SET:
        return Refuse(record::kInvalidArgument, "nothing is asked for", response);
    }
  }

  void Send(const FileDescriptor* file, v1::ServerReflectionResponse* response) {
    if (file == nullptr) return Refuse(record::kNotFound, "there is no such file", response);
    // The file that is asked for is sent even if it was sent before.
    sent_.erase(file->name());
    AddFile(*file, response->mutable_file_descriptor_response());
  }

  void AddFile(const FileDescriptor& file, v1::FileDescriptorResponse* files) {
    if (!sent_.insert(file.name()).second) return;
    google::protobuf::FileDescriptorProto proto;
    file.CopyTo(&proto);
    file.CopySourceCodeInfoTo(&proto);
    files->add_file_descriptor_proto(proto.SerializeAsString());
    for (int i = 0; i < file.dependency_count(); ++i) AddFile(*file.dependency(i), files);
  }

  void SendNumbers(const std::string& type, v1::ServerReflectionResponse* response) {
    const auto numbers = reflection_.ExtensionNumbers(type);
    if (!numbers) return Refuse(record::kNotFound, "there is no such message", response);
    auto* sent = response->mutable_all_extension_numbers_response();
    sent->set_base_type_name(type);
    for (int number : *numbers) sent->add_extension_number(number);
  }

  static void Refuse(int code, const char* text, v1::ServerReflectionResponse* response) {
    response->mutable_error_response()->set_error_code(code);
    response->mutable_error_response()->set_error_message(text);
  }

  const Reflection& reflection_;
  std::set<std::string> sent_;
};

}  // namespace

Reflection::Reflection(const record::Catalogue& catalogue, std::vector<std::string> services)
    : pool_(catalogue.pool()),
      protocols_{google::rpc::ErrorInfo::descriptor()->file(),
                 grpc::health::v1::HealthCheckRequest::descriptor()->file(),
                 grpc::reflection::v1::ServerReflectionRequest::descriptor()->file(),
                 grpc::reflection::v1alpha::ServerReflectionRequest::descriptor()->file()},
      services_(std::move(services)) {
  for (const Endpoint& endpoint : Endpoints()) services_.emplace_back(ServiceOf(endpoint.path));
  std::sort(services_.begin(), services_.end());
}

std::vector<Endpoint> Reflection::Endpoints() const {
  ConversationFunction begin = [this] { return std::make_unique<Questions>(*this); };
  return {{"/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", begin},
          {"/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", begin}};
}

const FileDescriptor* Reflection::FindFile(const std::string& name) const {
  if (const FileDescriptor* file = pool_.FindFileByName(name)) return file;
  for (const FileDescriptor* file : protocols_) {
    if (file->name() == name) return file;
  }
  return nullptr;
}

const FileDescriptor* Reflection::FindSymbol(const std::string& name) const {
  if (const FileDescriptor* file = pool_.FindFileContainingSymbol(name)) return file;
  for (const FileDescriptor* file : protocols_) {
    if (file->pool()->FindFileContainingSymbol(name) == file) return file;
  }
  return nullptr;
}

const FileDescriptor* Reflection::FindExtension(const std::string& type, int number) const {
  const Descriptor* message = pool_.FindMessageTypeByName(type);
  if (message == nullptr) return nullptr;
  const FieldDescriptor* extension = pool_.FindExtensionByNumber(message, number);
  return extension == nullptr ? nullptr : extension->file();
}

std::optional<std::vector<int>> Reflection::ExtensionNumbers(const std::string& type) const {
  const Descriptor* message = pool_.FindMessageTypeByName(type);
  if (message == nullptr) return std::nullopt;
  std::vector<const FieldDescriptor*> extensions;
  pool_.FindAllExtensions(message, &extensions);
  std::vector<int> numbers;
  for (const FieldDescriptor* extension : extensions) numbers.push_back(extension->number());
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

}  // namespace crm::rpc
