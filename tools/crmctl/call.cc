#include "tools/crmctl/display.h"
#include "tools/crmctl/output.h"
#include "tools/crmctl/program.h"

namespace crm::ctl {
namespace {

struct Arguments {
  std::string method;
  std::string json = "{}";
};

int Call(Session& session, Arguments& arguments) {
  session.RefuseAsOf();
  const MethodDescriptor& method = session.schema().FindMethod(arguments.method);
  if (method.client_streaming())
    throw UsageError(method.full_name() + " takes a stream of requests");
  std::string json = arguments.json;
  if (json == "-") json = ReadFile("-");
  if (!json.empty() && json[0] == '@') json = ReadFile(json.substr(1));
  auto request = session.schema().New(method.input_type());
  FromJson(json, request.get());
  SetRequestId(request.get());
  if (method.server_streaming()) {
    session.Stream(method, *request, [](const Message& message) {
      std::cout << ToJson(message, false) << std::endl;
      CheckOutput();
      return true;
    });
    return kExitOk;
  }
  auto response = session.schema().New(method.output_type());
  session.Call(method, *request, response.get());
  std::cout << ToJson(*response, true) << '\n';
  return kExitOk;
}

}  // namespace

void AddCall(Program& program) {
  program.Add<Arguments>(
      &program.app, "call", "Call any method; a stream prints one object a line",
      [](CLI::App* command, Arguments& arguments) {
        command
            ->add_option("RPC", arguments.method,
                         "crm.sales.v1.Leads/GetLead, or any ending of it that is unique: GetLead")
            ->required();
        command->add_option("JSON", arguments.json,
                            "The request, or @FILE, or - for standard input");
      },
      Call);
}

}  // namespace crm::ctl
