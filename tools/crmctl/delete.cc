#include "crm/record/v1/methods.pb.h"
#include "tools/crmctl/display.h"
#include "tools/crmctl/program.h"

namespace crm::ctl {
namespace {

struct Arguments {
  std::string name;
  std::string etag;
  bool force = false;
  bool validate_only = false;
  std::string request_id;
};

int Delete(Session& session, Arguments& arguments) {
  session.RefuseAsOf();
  const RecordType& type = session.schema().TypeOfName(arguments.name);
  crm::record::v1::DeleteRequest request;
  request.set_name(arguments.name);
  request.set_etag(arguments.etag);
  request.set_force(arguments.force);
  request.set_validate_only(arguments.validate_only);
  SetRequestId(&request, arguments.request_id);
  crm::record::v1::DeleteResponse response;
  session.Call(type.Method("Delete"), request, &response);
  if (session.Json()) {
    std::cout << ToJson(response, true) << '\n';
    return kExitOk;
  }
  const char* done = arguments.validate_only ? "would delete " : "deleted ";
  for (const auto& name : response.deleted()) std::cout << done << name << '\n';
  return kExitOk;
}

void PrintCounts(const char* text, const google::protobuf::Map<std::string, int32_t>& counts) {
  for (const auto& [type, count] : std::map(counts.begin(), counts.end())) {
    std::cout << text << ' ' << count << ' ' << type << '\n';
  }
}

int PreviewDelete(Session& session, Arguments& arguments) {
  session.RefuseAsOf();
  const RecordType& type = session.schema().TypeOfName(arguments.name);
  crm::record::v1::PreviewDeleteRequest request;
  request.set_name(arguments.name);
  crm::record::v1::PreviewDeleteResponse response;
  session.Call(type.Method("PreviewDelete"), request, &response);
  if (session.Json()) {
    std::cout << ToJson(response, true) << '\n';
    return kExitOk;
  }
  for (const auto& name : response.deleted()) std::cout << "would delete " << name << '\n';
  for (const auto& name : response.unlinked())
    std::cout << "would empty a reference of " << name << '\n';
  PrintCounts("beside it:", response.counts());
  PrintCounts("emptied in:", response.unlinked_counts());
  PrintCounts("forbidden by:", response.blockers());
  if (response.has_refusal())
    std::cout << "would be refused: " << response.refusal().message() << '\n';
  return kExitOk;
}

int Undelete(Session& session, Arguments& arguments) {
  session.RefuseAsOf();
  const RecordType& type = session.schema().TypeOfName(arguments.name);
  crm::record::v1::NameRequest request;
  request.set_name(arguments.name);
  request.set_etag(arguments.etag);
  SetRequestId(&request, arguments.request_id);
  auto record = session.schema().New(type.message);
  session.Call(type.Method("Undelete"), request, record.get());
  if (session.Json()) {
    std::cout << ToJson(*record, true) << '\n';
  } else {
    PrintTable(FieldTable(*record), TerminalWidth(), std::cout);
  }
  return kExitOk;
}

void DeclareName(CLI::App* command, Arguments& arguments) {
  command->add_option("NAME", arguments.name, "The record, such as leads/0192…")->required();
}

void DeclareEtag(CLI::App* command, Arguments& arguments) {
  command->add_option("--etag", arguments.etag, "Only if this is still its etag");
}

}  // namespace

void AddDelete(Program& program) {
  program.Add<Arguments>(
      &program.app, "delete", "Delete a record",
      [](CLI::App* command, Arguments& arguments) {
        DeclareName(command, arguments);
        DeclareEtag(command, arguments);
        AddRequestId(command, arguments.request_id);
        command->add_flag("--force", arguments.force, "With the records that go with it");
        command->add_flag("--validate-only", arguments.validate_only,
                          "Check only, and show what would be deleted");
      },
      Delete);
  program.Add<Arguments>(&program.app, "preview-delete", "Show what deleting a record would do",
                         DeclareName, PreviewDelete);
  program.Add<Arguments>(
      &program.app, "undelete", "Bring a deleted record back, with what was deleted with it",
      [](CLI::App* command, Arguments& arguments) {
        DeclareName(command, arguments);
        DeclareEtag(command, arguments);
        AddRequestId(command, arguments.request_id);
      },
      Undelete);
}

}  // namespace crm::ctl
