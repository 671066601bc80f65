#include "crm/record/v1/methods.pb.h"
#include "tools/crmctl/display.h"
#include "tools/crmctl/program.h"

namespace crm::ctl {
namespace {

struct Arguments {
  std::string name;
  std::vector<std::string> fields;
};

int Get(Session& session, Arguments& arguments) {
  const RecordType& type = session.schema().TypeOfName(arguments.name);
  crm::record::v1::GetRequest request;
  request.set_name(arguments.name);
  for (const auto& path : arguments.fields) request.mutable_read_mask()->add_paths(path);
  if (auto time = session.AsOf()) *request.mutable_read_time() = *time;
  auto record = session.schema().New(type.message);
  session.Call(type.Method("Get"), request, record.get());
  if (session.Json()) {
    std::cout << ToJson(*record, true) << '\n';
  } else {
    PrintTable(FieldTable(*record), TerminalWidth(), std::cout);
  }
  return kExitOk;
}

}  // namespace

void AddGet(Program& program) {
  program.Add<Arguments>(
      &program.app, "get", "Show a record, now or as of a time",
      [](CLI::App* command, Arguments& arguments) {
        command->add_option("NAME", arguments.name, "The record, such as leads/0192…")->required();
        command->add_option("--fields", arguments.fields, "Only these fields: a,b,c")
            ->delimiter(',');
      },
      Get);
}

}  // namespace crm::ctl
