#pragma once

#include <string>

#include "crm/test/v1/event.pb.h"
#include "libs/record/built_in.h"
#include "libs/record/check.h"

namespace crm::services {

// What the program was built with, and the service of the tests.
inline const record::Catalogue& TheCatalogue() {
  static const auto catalogue = [] {
    auto built_in = record::BuiltInCatalogue();
    CRM_CHECK(built_in);
    google::protobuf::FileDescriptorSet files;
    CRM_CHECK(files.ParseFromString((*built_in)->descriptors()));
    for (const auto* file :
         {test::v1::Reminder::descriptor()->file(), test::v1::Greeting::descriptor()->file(),
          test::v1::Event::descriptor()->file()}) {
      file->CopyTo(files.add_file());
    }
    auto built = record::Catalogue::Build(
        files, {"crm.identity.v1.Event", "crm.sales.v1.Event", "crm.test.v1.Event"});
    if (!built) std::fprintf(stderr, "%s\n", built.error().text.c_str());
    CRM_CHECK(built);
    return std::move(*built);
  }();
  return *catalogue;
}

}  // namespace crm::services
