#pragma once

#include <google/protobuf/descriptor.h>

#include <optional>
#include <string>
#include <vector>

#include "libs/record/catalogue.h"
#include "libs/rpc/server/endpoints.h"

namespace crm::rpc {

// What the server serves, as grpc.reflection.v1 and v1alpha: the catalogue's files, those of gRPC's
// own protocols that we serve, and what errors carry. It must outlive the server.
class Reflection {
 public:
  // `services` are the full names to list, beside reflection's own.
  Reflection(const record::Catalogue& catalogue, std::vector<std::string> services);

  std::vector<Endpoint> Endpoints() const;

  const std::vector<std::string>& services() const { return services_; }
  const google::protobuf::FileDescriptor* FindFile(const std::string& name) const;
  const google::protobuf::FileDescriptor* FindSymbol(const std::string& name) const;
  const google::protobuf::FileDescriptor* FindExtension(const std::string& type, int number) const;
  // nullopt: there is no such message type.
  std::optional<std::vector<int>> ExtensionNumbers(const std::string& type) const;

 private:
  const google::protobuf::DescriptorPool& pool_;
  std::vector<const google::protobuf::FileDescriptor*> protocols_;
  std::vector<std::string> services_;
};

}  // namespace crm::rpc
