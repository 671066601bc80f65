#include <nlohmann/json.hpp>

#include "crm/record/v1/reactors.pb.h"
#include "tools/crmctl/display.h"
#include "tools/crmctl/program.h"
#include "tools/crmctl/table.h"

namespace crm::ctl {
namespace {

struct Arguments {
  std::string service = "sales";
  std::string reactor;
};

int ListReactors(Session& session, Arguments& arguments) {
  session.RefuseAsOf();
  const MethodDescriptor& method =
      session.schema().FindMethod("crm.record.v1.Reactors/ListReactors");
  record::v1::ListReactorsRequest request;
  request.set_service(arguments.service);
  record::v1::ListReactorsResponse response;
  session.Call(method, request, &response);
  Table table{{"REACTOR", "SOURCE", "POSITION", "PARKED", "REFUSAL"}, {}};
  auto json = nlohmann::ordered_json::array();
  for (const auto& each : response.reactors()) {
    table.rows.push_back(
        {each.reactor(), each.source(), each.position(), each.parked(), each.refusal()});
    json.push_back({{"reactor", each.reactor()},
                    {"source", each.source()},
                    {"position", each.position()},
                    {"parked", each.parked()},
                    {"refusal", each.refusal()}});
  }
  if (session.Json()) {
    std::cout << json.dump(1) << '\n';
  } else {
    PrintTable(table, TerminalWidth(), std::cout);
  }
  return kExitOk;
}

int GoOn(Session& session, const Arguments& arguments, const std::string& name) {
  session.RefuseAsOf();
  const MethodDescriptor& method = session.schema().FindMethod("crm.record.v1.Reactors/" + name);
  record::v1::GoOnRequest request;
  request.set_service(arguments.service);
  request.set_reactor(arguments.reactor);
  record::v1::GoOnResponse response;
  session.Call(method, request, &response);
  std::cout << "position " << response.position() << '\n';
  return kExitOk;
}

void AddService(CLI::App* command, Arguments& arguments) {
  command->add_option("--service", arguments.service, "The service that reacts")
      ->capture_default_str();
}

}  // namespace

void AddReactor(Program& program) {
  auto* reactor = program.app.add_subcommand(
      "reactor", "Look after what a service does when another one's events arrive");
  reactor->require_subcommand(1);
  program.Add<Arguments>(reactor, "list",
                         "Print how far a service's reactors are, and what they have parked",
                         AddService, ListReactors);
  const auto declare = [](CLI::App* command, Arguments& arguments) {
    command->add_option("reactor", arguments.reactor, "Its name")->required();
    AddService(command, arguments);
  };
  program.Add<Arguments>(
      reactor, "skip", "Go on with the tenant's parked events, without the refused one", declare,
      [](Session& session, Arguments& arguments) { return GoOn(session, arguments, "SkipEvent"); });
  program.Add<Arguments>(reactor, "retry",
                         "Go on with the tenant's parked events, with the refused one", declare,
                         [](Session& session, Arguments& arguments) {
                           return GoOn(session, arguments, "RetryEvent");
                         });
}

}  // namespace crm::ctl
