#include <nlohmann/json.hpp>

#include "crm/record/v1/verification.pb.h"
#include "tools/crmctl/display.h"
#include "tools/crmctl/program.h"

namespace crm::ctl {
namespace {

struct Arguments {
  std::string min_position;
};

int Verify(Session& session, Arguments& arguments) {
  session.RefuseAsOf();
  const MethodDescriptor& method = session.schema().FindMethod("crm.record.v1.Verification/Verify");
  crm::record::v1::VerifyRequest request;
  request.set_min_position(arguments.min_position);
  crm::record::v1::VerifyResponse response;
  session.Call(method, request, &response);
  if (session.Json()) {
    // nlohmann's objects are sorted, so that outputs can be compared as texts.
    nlohmann::json json = {{"position", response.position()}, {"hashes", nlohmann::json::object()}};
    for (const auto& [section, hash] : response.hashes()) json["hashes"][section] = hash;
    std::cout << json.dump(1) << '\n';
    return kExitOk;
  }
  for (const auto& [section, hash] : std::map(response.hashes().begin(), response.hashes().end())) {
    std::cout << hash << "  " << section << '\n';
  }
  std::cout << "position " << response.position() << '\n';
  return kExitOk;
}

}  // namespace

void AddVerify(Program& program) {
  program.Add<Arguments>(
      &program.app, "verify",
      "Print hashes of a tenant's projections, which the log alone determines",
      [](CLI::App* command, Arguments& arguments) {
        command->add_option("--min-position", arguments.min_position,
                            "Wait for this position first");
      },
      Verify);
}

}  // namespace crm::ctl
