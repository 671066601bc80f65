#include "tools/crmctl/program.h"

int main(int argc, char** argv) {
  using namespace crm::ctl;
  Program program;
  try {
    program.app.parse(argc, argv);
    Session session(program.options);
    return program.run(session);
  } catch (const CLI::ParseError& error) {
    return program.app.exit(error) == 0 ? kExitOk : kExitUsage;
  } catch (const UsageError& error) {
    std::cerr << "crmctl: " << error.what() << '\n';
    return kExitUsage;
  } catch (const Failure& failure) {
    PrintStatus(failure.status(), std::cerr);
    return ExitCodeOf(failure.status());
  }
}
