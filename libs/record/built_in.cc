#include "libs/record/built_in.h"

#include <functional>
#include <map>
#include <set>
#include <string>

#include "crm/event/v1/event.pb.h"
#include "crm/identity/v1/event.pb.h"
#include "crm/record/v1/access.pb.h"
#include "crm/record/v1/descriptors.pb.h"
#include "crm/record/v1/reactors.pb.h"
#include "crm/record/v1/records.pb.h"
#include "crm/record/v1/timeline.pb.h"
#include "crm/record/v1/verification.pb.h"
#include "crm/sales/v1/event.pb.h"
#include "libs/record/check.h"

// The set that protoc wrote, for its comments: generated code has none.
asm(".pushsection .rodata\n"
    ".global recall_descriptors\n"
    ".global recall_descriptors_end\n"
    "recall_descriptors:\n"
    ".incbin \"" RECALL_DESCRIPTORS
    "\"\n"
    "recall_descriptors_end:\n"
    ".popsection\n");
// Named as the assembler names them.
// NOLINTBEGIN(readability-identifier-naming)
extern "C" const char recall_descriptors[];
extern "C" const char recall_descriptors_end[];
// NOLINTEND(readability-identifier-naming)

namespace crm::record {
namespace {

using google::protobuf::FileDescriptorProto;
using google::protobuf::SourceCodeInfo;

// By file. Where something stands in a file is left out: it is of no use without the file.
std::map<std::string, SourceCodeInfo> Comments() {
  google::protobuf::FileDescriptorSet files;
  CRM_CHECK(files.ParseFromArray(recall_descriptors,
                                 static_cast<int>(recall_descriptors_end - recall_descriptors)));
  std::map<std::string, SourceCodeInfo> comments;
  for (const FileDescriptorProto& file : files.file()) {
    SourceCodeInfo& info = comments[file.name()];
    for (const SourceCodeInfo::Location& location : file.source_code_info().location()) {
      if (!location.has_leading_comments() && !location.has_trailing_comments()) continue;
      *info.add_location() = location;
      info.mutable_location()->rbegin()->clear_leading_detached_comments();
    }
  }
  return comments;
}

}  // namespace

Result<std::unique_ptr<Catalogue>> BuiltInCatalogue() {
  // One message of each root file; what they import comes with them.
  const google::protobuf::FileDescriptor* roots[] = {
      v1::CreateRecordRequest::descriptor()->file(),
      v1::VerifyRequest::descriptor()->file(),
      v1::ListReactorsRequest::descriptor()->file(),
      v1::GetDescriptorsRequest::descriptor()->file(),
      v1::ListTimelineRequest::descriptor()->file(),
      crm::event::v1::Envelope::descriptor()->file(),
      v1::ExplainAccessRequest::descriptor()->file(),
      crm::sales::v1::Event::descriptor()->file(),
      crm::identity::v1::Event::descriptor()->file(),
  };
  google::protobuf::FileDescriptorSet files;
  const std::map<std::string, SourceCodeInfo> comments = Comments();
  std::set<const google::protobuf::FileDescriptor*> added;
  std::function<void(const google::protobuf::FileDescriptor*)> add = [&](const auto* file) {
    if (!added.insert(file).second) return;
    for (int i = 0; i < file->dependency_count(); ++i) add(file->dependency(i));
    FileDescriptorProto& copy = *files.add_file();
    file->CopyTo(&copy);
    auto of_file = comments.find(file->name());
    if (of_file != comments.end()) *copy.mutable_source_code_info() = of_file->second;
  };
  for (const auto* root : roots) add(root);
  return Catalogue::Build(files, {"crm.sales.v1.Event", "crm.identity.v1.Event"});
}

}  // namespace crm::record
