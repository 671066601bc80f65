#include "tools/crmctl/display.h"
#include "tools/crmctl/program.h"
#include "tools/crmctl/record_input.h"

namespace crm::ctl {
namespace {

struct Arguments {
  std::string target;  // a collection, or a record's name
  std::vector<std::string> assignments;
  std::string json;
  std::string id;
  std::string etag;
  std::string currency;
  std::string request_id;
  bool validate_only = false;
};

void DeclareInput(CLI::App* command, Arguments& arguments) {
  command->add_option("FIELDS", arguments.assignments, "field=value…");
  command->add_option("--json", arguments.json,
                      "The record as JSON, from a file, or - for standard input");
  command->add_option("--currency", arguments.currency, "Of amounts that are given without one");
  command->add_flag("--validate-only", arguments.validate_only,
                    "Check only, and show what would be");
  AddRequestId(command, arguments.request_id);
}

void Finish(Session& session, const Message& record, const Trailers& trailers, bool validate_only) {
  if (session.Json()) {
    std::cout << ToJson(record, true) << '\n';
  } else {
    PrintTable(FieldTable(record), TerminalWidth(), std::cout);
  }
  auto events = trailers.trailing.find("crm-events");
  if (validate_only && events != trailers.trailing.end()) {
    std::cerr << "events: " << events->second << '\n';
  }
}

void Send(Session& session, const MethodDescriptor& method, Message* request,
          const Arguments& arguments) {
  if (arguments.validate_only) CheckedSet(request, "validate_only", "true");
  SetRequestId(request, arguments.request_id);
  auto record = session.schema().New(method.output_type());
  Trailers trailers;
  session.Call(method, *request, record.get(), &trailers);
  Finish(session, *record, trailers, arguments.validate_only);
}

int Create(Session& session, Arguments& arguments) {
  session.RefuseAsOf();
  const RecordType& type = session.schema().TypeOf(arguments.target);
  const MethodDescriptor& method = type.Method("Create");
  auto request = session.schema().New(method.input_type());
  const FieldDescriptor* field = RecordField(method.input_type(), type.message);
  Message* record = request->GetReflection()->MutableMessage(request.get(), field);
  if (!arguments.json.empty()) ReadRecord(ReadFile(arguments.json), record);
  Assign(record, arguments.assignments, arguments.currency);
  if (!arguments.id.empty()) CheckedSet(request.get(), field->name() + "_id", arguments.id);
  Send(session, method, request.get(), arguments);
  return kExitOk;
}

int Update(Session& session, Arguments& arguments) {
  session.RefuseAsOf();
  const RecordType& type = session.schema().TypeOfName(arguments.target);
  const MethodDescriptor& method = type.Method("Update");
  auto request = session.schema().New(method.input_type());
  const FieldDescriptor* field = RecordField(method.input_type(), type.message);
  Message* record = request->GetReflection()->MutableMessage(request.get(), field);
  std::vector<std::string> paths;
  if (!arguments.json.empty()) {
    ReadRecord(ReadFile(arguments.json), record);
    paths = SetPaths(*record);
  }
  auto assigned = Assign(record, arguments.assignments, arguments.currency);
  paths.insert(paths.end(), assigned.begin(), assigned.end());
  if (paths.empty()) throw UsageError("nothing to change: give field=value, or --json");
  SetMask(request.get(), "update_mask", paths);
  CheckedSet(record, "name", arguments.target);
  if (!arguments.etag.empty()) CheckedSet(record, "etag", arguments.etag);
  Send(session, method, request.get(), arguments);
  return kExitOk;
}

}  // namespace

void AddCreate(Program& program) {
  program.Add<Arguments>(
      &program.app, "create", "Create a record",
      [](CLI::App* command, Arguments& arguments) {
        command->add_option("COLLECTION", arguments.target, "Which type, such as leads")
            ->required();
        DeclareInput(command, arguments);
        command->add_option("--id", arguments.id, "A UUID to be its id");
      },
      Create);
}

void AddUpdate(Program& program) {
  program.Add<Arguments>(
      &program.app, "update", "Change fields of a record; field= empties one",
      [](CLI::App* command, Arguments& arguments) {
        command->add_option("NAME", arguments.target, "The record, such as leads/0192…")
            ->required();
        DeclareInput(command, arguments);
        command->add_option("--etag", arguments.etag, "Only if this is still its etag");
      },
      Update);
}

}  // namespace crm::ctl
