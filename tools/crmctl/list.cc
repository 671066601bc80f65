#include "crm/record/v1/methods.pb.h"
#include "tools/crmctl/display.h"
#include "tools/crmctl/output.h"
#include "tools/crmctl/program.h"

namespace crm::ctl {
namespace {

constexpr int kPageOfAll = 500;

struct Arguments {
  std::string collection;
  std::string filter;
  std::string order_by;
  int page_size = 0;
  bool all = false;
  std::vector<std::string> fields;
};

// JSON is printed page after page, so that memory holds one of them; a table's columns are as wide
// as all its rows need.
class Printer {
 public:
  Printer(bool json, std::vector<std::string> columns) : json_(json), columns_(std::move(columns)) {
    table_ = TableOf(columns_, {});
  }

  void Page(const std::vector<const Message*>& records) {
    for (const auto* record : records) {
      if (json_) {
        std::cout << (first_ ? "[\n" : ",\n") << ToJson(*record, false);
        first_ = false;
      } else {
        table_.rows.push_back(TableOf(columns_, {record}).rows[0]);
      }
    }
  }
  void End() {
    if (json_) {
      std::cout << (first_ ? "[]\n" : "\n]\n");
    } else {
      PrintTable(table_, TerminalWidth(), std::cout);
    }
  }

 private:
  bool json_;
  bool first_ = true;
  std::vector<std::string> columns_;
  Table table_;
};

crm::record::v1::ListRequest RequestOf(Session& session, const Arguments& arguments,
                                       const std::vector<std::string>& columns) {
  crm::record::v1::ListRequest request;
  request.set_filter(arguments.filter);
  request.set_order_by(arguments.order_by);
  request.set_page_size(arguments.page_size == 0 && arguments.all ? kPageOfAll
                                                                  : arguments.page_size);
  if (auto time = session.AsOf()) *request.mutable_read_time() = *time;
  const auto& mask = session.Json() ? arguments.fields : columns;
  for (const auto& path : mask) request.mutable_read_mask()->add_paths(path);
  return request;
}

int List(Session& session, Arguments& arguments) {
  const RecordType& type = session.schema().TypeOf(arguments.collection);
  const MethodDescriptor& method = type.Method("List");
  std::vector<std::string> columns =
      arguments.fields.empty() ? ListColumns(type) : arguments.fields;
  auto request = RequestOf(session, arguments, columns);
  auto page = session.schema().New(method.output_type());
  const FieldDescriptor* records = RecordField(method.output_type(), type.message);
  Printer printer(session.Json(), columns);
  const bool more = session.Pages(method, &request, page.get(), [&] {
    std::vector<const Message*> found;
    for (int i = 0; i < page->GetReflection()->FieldSize(*page, records); ++i) {
      found.push_back(&page->GetReflection()->GetRepeatedMessage(*page, records, i));
    }
    printer.Page(found);
    CheckOutput();
    return arguments.all;
  });
  printer.End();
  if (more) std::cerr << "crmctl: there are more; --all lists them\n";
  return kExitOk;
}

}  // namespace

void AddList(Program& program) {
  program.Add<Arguments>(
      &program.app, "list", "List records, now or as of a time",
      [](CLI::App* command, Arguments& arguments) {
        command->add_option("COLLECTION", arguments.collection, "Which type, such as leads")
            ->required();
        command->add_option("--filter", arguments.filter,
                            "Which records, such as: state = \"STATE_OPEN\"");
        command->add_option("--order-by", arguments.order_by,
                            "Fields, each with \" desc\" or without");
        command->add_option("--page-size", arguments.page_size,
                            "How many at most; with --all, at a time");
        command->add_flag("--all", arguments.all, "Follow the pages to the end");
        command->add_option("--fields", arguments.fields, "Only these fields: a,b,c")
            ->delimiter(',');
      },
      List);
}

}  // namespace crm::ctl
