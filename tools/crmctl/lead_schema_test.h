#pragma once

#include <map>
#include <memory>

#include "crm/sales/v1/lead.pb.h"
#include "tools/crmctl/schema.h"

namespace crm::ctl {

// The leads' part of what a server says of itself.
inline std::unique_ptr<Schema> LeadSchema() {
  std::map<std::string, google::protobuf::FileDescriptorProto> files;
  std::vector<const google::protobuf::FileDescriptor*> wanted = {
      crm::sales::v1::Lead::descriptor()->file()};
  while (!wanted.empty()) {
    const auto* file = wanted.back();
    wanted.pop_back();
    auto [at, added] = files.try_emplace(file->name());
    if (!added) continue;
    file->CopyTo(&at->second);
    for (int i = 0; i < file->dependency_count(); ++i) wanted.push_back(file->dependency(i));
  }
  return std::make_unique<Schema>(files, std::vector<std::string>{"crm.sales.v1.Leads"});
}

}  // namespace crm::ctl
