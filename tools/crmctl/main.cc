#include <google/protobuf/stubs/logging.h>

#include "tools/crmctl/output.h"
#include "tools/crmctl/program.h"

namespace crm::ctl {
namespace {

int RunProgram(int argc, char** argv) {
  Program program;
  try {
    program.app.parse(argc, argv);
    Session session(program.options);
    return program.run(session);
  } catch (const CLI::ParseError& error) {
    return program.app.exit(error) == 0 ? kExitOk : kExitUsage;
  } catch (const UsageError& error) {
    PrintError(error, std::cerr);
    return kExitUsage;
  } catch (const OutputError& error) {
    PrintError(error, std::cerr);
    return kExitUsage;
  } catch (const Failure& failure) {
    PrintStatus(failure.status(), std::cerr);
    return ExitCodeOf(failure.status());
  }
}

}  // namespace
}  // namespace crm::ctl

int main(int argc, char** argv) {
  using namespace crm::ctl;
  // What protobuf has to say of bytes it also gives as a result, and the server says it better.
  google::protobuf::SetLogHandler(nullptr);
  const int code = RunProgram(argc, argv);
  if (code != kExitOk && code != kExitSomeRowsFailed) return code;
  try {
    FlushOutput();
  } catch (const OutputError& error) {
    PrintError(error, std::cerr);
    return kExitUsage;
  }
  return code;
}
