#include "crm/record/v1/methods.pb.h"
#include "tools/crmctl/display.h"
#include "tools/crmctl/output.h"
#include "tools/crmctl/program.h"

namespace crm::ctl {
namespace {

struct Arguments {
  std::string name;
  int page_size = 0;
  bool all = false;
};

void PrintChange(const crm::record::v1::Change& change) {
  std::cout << DisplayTime(change.time()) << "  " << change.event() << "  by " << change.user();
  if (!change.client().empty()) std::cout << " (" << change.client() << ')';
  if (!change.etag().empty()) std::cout << "  etag " << change.etag();
  std::cout << '\n';
  for (const auto& field : change.fields()) {
    std::string from = DisplayValue(field.from());
    std::string to = DisplayValue(field.to());
    std::cout << "  " << field.path() << ": " << (from.empty() ? "(none)" : from) << " -> "
              << (to.empty() ? "(none)" : to) << '\n';
  }
}

int History(Session& session, Arguments& arguments) {
  session.RefuseAsOf();
  const RecordType& type = session.schema().TypeOfName(arguments.name);
  const MethodDescriptor* method =
      type.service->FindMethodByName("List" + type.message->name() + "History");
  if (!method) throw UsageError(type.collection + " have no history");
  crm::record::v1::HistoryRequest request;
  request.set_name(arguments.name);
  request.set_page_size(arguments.page_size);
  crm::record::v1::HistoryResponse page;
  bool first = true;
  const bool more = session.Pages(*method, &request, &page, [&] {
    for (const auto& change : page.changes()) {
      if (session.Json()) {
        std::cout << (first ? "[\n" : ",\n") << ToJson(change, false);
      } else {
        PrintChange(change);
      }
      first = false;
    }
    CheckOutput();
    return arguments.all;
  });
  if (session.Json()) std::cout << (first ? "[]\n" : "\n]\n");
  if (more) std::cerr << "crmctl: there are more; --all shows them\n";
  return kExitOk;
}

}  // namespace

void AddHistory(Program& program) {
  program.Add<Arguments>(
      &program.app, "history", "Show who changed what in a record, newest first",
      [](CLI::App* command, Arguments& arguments) {
        command->add_option("NAME", arguments.name, "The record; it may be deleted")->required();
        command->add_option("--page-size", arguments.page_size, "How many changes at most");
        command->add_flag("--all", arguments.all, "Follow the pages to the end");
      },
      History);
}

}  // namespace crm::ctl
