#include <fstream>

#include "crm/record/v1/descriptors.pb.h"
#include "tools/crmctl/output.h"
#include "tools/crmctl/program.h"

namespace crm::ctl {
namespace {

struct Arguments {
  std::string file = "-";
};

int Descriptors(Session& session, Arguments& arguments) {
  session.RefuseAsOf();
  const MethodDescriptor& method =
      session.schema().FindMethod("crm.record.v1.Descriptors/GetDescriptors");
  crm::record::v1::GetDescriptorsRequest request;
  crm::record::v1::GetDescriptorsResponse response;
  session.Call(method, request, &response);
  if (arguments.file == "-") {
    std::cout << response.descriptor_set() << std::flush;
    return kExitOk;
  }
  std::ofstream out(arguments.file, std::ios::binary);
  out << response.descriptor_set() << std::flush;
  if (!out) throw OutputError(WriteFault(arguments.file));
  std::cout << response.sha256() << "  " << arguments.file << '\n';
  return kExitOk;
}

}  // namespace

void AddDescriptors(Program& program) {
  program.Add<Arguments>(
      &program.app, "descriptors",
      "Write the descriptor set that decodes the events of the log and the API's messages",
      [](CLI::App* command, Arguments& arguments) {
        command->add_option("file", arguments.file, "Where to; -: standard output")
            ->capture_default_str();
      },
      Descriptors);
}

}  // namespace crm::ctl
