#include "tools/crmctl/display.h"
#include "tools/crmctl/follow.h"
#include "tools/crmctl/output.h"
#include "tools/crmctl/program.h"

namespace crm::ctl {
namespace {

struct Arguments {
  std::string collection;
  WatchFrom from;
};

void PrintLine(const RecordType& type, const SeenChange& seen) {
  const auto& change = seen.change;
  // What is sent as the initial state has not just happened: no time, no event.
  if (change.has_time()) std::cout << DisplayTime(change.time()) << "  ";
  std::cout << (change.event().empty() ? "is" : change.event()) << "  " << change.name();
  if (seen.record) std::cout << "  " << Display(*seen.record, type.options.title());
  std::cout << std::endl;
}

int Watch(Session& session, Arguments& arguments) {
  session.RefuseAsOf();
  const RecordType& type = session.schema().TypeOf(arguments.collection);
  Follow(session, type, arguments.from, [&](const SeenChange& seen) {
    if (session.Json()) {
      std::cout << ToJson(*seen.message, false) << std::endl;
    } else {
      PrintLine(type, seen);
    }
    CheckOutput();
    return true;
  });
  return kExitOk;
}

}  // namespace

void AddWatch(Program& program) {
  program.Add<Arguments>(
      &program.app, "watch", "Show changes of records of one type as they happen",
      [](CLI::App* command, Arguments& arguments) {
        command->add_option("COLLECTION", arguments.collection, "Which type, such as leads")
            ->required();
        command->add_option("--from", arguments.from.position,
                            "Begin after this position; 0: with the first change ever");
        command->add_flag("--initial-state", arguments.from.initial_state,
                          "First every record as it is now");
      },
      Watch);
}

}  // namespace crm::ctl
