#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "crm/record/v1/options.pb.h"
#include "libs/store/example_commits.h"

namespace crm::store::example {

// The catalogue with other declarations of leads. `change` is given a v1::Record.
template <class Change>
std::unique_ptr<record::Catalogue> WithLeads(Change change) {
  google::protobuf::FileDescriptorSet files;
  EXPECT_TRUE(files.ParseFromString(BuiltIn().descriptors()));
  for (auto& file : *files.mutable_file()) {
    if (file.name() != "crm/sales/v1/lead.proto") continue;
    for (auto& message : *file.mutable_message_type()) {
      if (message.name() != "Lead") continue;
      change(*message.mutable_options()->MutableExtension(record::v1::record));
    }
  }
  auto catalogue = record::Catalogue::Build(files, {"crm.sales.v1.Event", "crm.identity.v1.Event"});
  EXPECT_TRUE(catalogue) << catalogue.error().text;
  return std::move(*catalogue);
}

inline record::v1::Index* DeclaredIndex(record::v1::Record& leads, const std::string& name) {
  for (auto& index : *leads.mutable_index()) {
    std::string paths;
    for (const auto& path : index.by()) paths += (paths.empty() ? "" : ",") + path;
    if (paths == name) return &index;
  }
  ADD_FAILURE() << "there is no index " << name;
  return nullptr;
}

}  // namespace crm::store::example
