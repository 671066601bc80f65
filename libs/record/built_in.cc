#include "libs/record/built_in.h"

#include <functional>
#include <set>

#include "crm/event/v1/event.pb.h"
#include "crm/identity/v1/event.pb.h"
#include "crm/record/v1/access.pb.h"
#include "crm/record/v1/descriptors.pb.h"
#include "crm/record/v1/records.pb.h"
#include "crm/record/v1/timeline.pb.h"
#include "crm/record/v1/verification.pb.h"
#include "crm/sales/v1/event.pb.h"

namespace crm::record {

Result<std::unique_ptr<Catalogue>> BuiltInCatalogue() {
  // One message of each root file; what they import comes with them.
  const google::protobuf::FileDescriptor* roots[] = {
      v1::CreateRecordRequest::descriptor()->file(),
      v1::VerifyRequest::descriptor()->file(),
      v1::GetDescriptorsRequest::descriptor()->file(),
      v1::ListTimelineRequest::descriptor()->file(),
      crm::event::v1::Envelope::descriptor()->file(),
      v1::ExplainAccessRequest::descriptor()->file(),
      crm::sales::v1::Event::descriptor()->file(),
      crm::identity::v1::Event::descriptor()->file(),
  };
  google::protobuf::FileDescriptorSet files;
  std::set<const google::protobuf::FileDescriptor*> added;
  std::function<void(const google::protobuf::FileDescriptor*)> add = [&](const auto* file) {
    if (!added.insert(file).second) return;
    for (int i = 0; i < file->dependency_count(); ++i) add(file->dependency(i));
    file->CopyTo(files.add_file());
  };
  for (const auto* root : roots) add(root);
  return Catalogue::Build(files, {"crm.sales.v1.Event", "crm.identity.v1.Event"});
}

}  // namespace crm::record
