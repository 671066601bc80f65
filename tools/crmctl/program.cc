#include "tools/crmctl/program.h"

#include <fstream>
#include <sstream>

namespace crm::ctl {
namespace {

constexpr double kLeastTimeout = 0.001;
constexpr double kLongestTimeout = 1e6;

// CLI::Range lets "nan" pass.
CLI::Validator Seconds() {
  return {[](std::string& text) -> std::string {
            double seconds = 0;
            if (CLI::detail::lexical_cast(text, seconds) && seconds >= kLeastTimeout &&
                seconds <= kLongestTimeout)
              return "";
            return "\"" + text + "\" is no number of seconds from 0.001 to 1000000";
          },
          "", "Seconds"};
}

void AddGlobalOptions(CLI::App& app, GlobalOptions& options) {
  app.add_option("--server", options.server, "The server, HOST:PORT")
      ->envname("CRM_SERVER")
      ->capture_default_str();
  app.add_option("--tenant", options.tenant, "Whose data")->envname("CRM_TENANT");
  app.add_option("--user", options.user, "Who asks: a sign-in name, or users/UUID")
      ->envname("CRM_USER");
  app.add_option("-o,--output", options.output,
                 "table or json; unless given, a table on a terminal, else json")
      ->check(CLI::IsMember({"table", "json"}));
  app.add_option("--as-of", options.as_of, "Read what there was at this time, in RFC 3339");
  app.add_option("--timeout", options.timeout, "Longest wait for an answer, in seconds")
      ->check(Seconds())
      ->capture_default_str();
}

}  // namespace

CLI::Validator NotEmpty() {
  return {[](std::string& text) { return std::string(text.empty() ? "must not be empty" : ""); },
          "", "NotEmpty"};
}

void AddRequestId(CLI::App* command, std::string& id) {
  command
      ->add_option("--request-id", id,
                   "As in an earlier run of this command: if that was carried out, nothing happens")
      ->check(NotEmpty());
}

Program::Program() : app("Works with the records of a Recall server.", "crmctl") {
  app.set_version_flag("--version", "crmctl " RECALL_VERSION);
  app.require_subcommand(1);
  app.fallthrough();
  app.footer(kExitCodeText);
  app.get_formatter()->column_width(34);
  AddGlobalOptions(app, options);
  AddGet(*this);
  AddList(*this);
  AddCreate(*this);
  AddUpdate(*this);
  AddDelete(*this);
  AddDescriptors(*this);
  AddHistory(*this);
  AddWatch(*this);
  AddCall(*this);
  AddTypes(*this);
  AddImport(*this);
  AddImportCards(*this);
  AddImportMail(*this);
  AddLoad(*this);
  AddEvents(*this);
  AddVerify(*this);
  AddLog(*this);
  AddReactor(*this);
  AddAccess(*this);
  AddCompletion(*this);
}

std::string ReadFile(const std::string& path) {
  std::ostringstream content;
  if (path == "-") {
    content << std::cin.rdbuf();
    return content.str();
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) throw UsageError("can't read " + path);
  content << file.rdbuf();
  return content.str();
}

}  // namespace crm::ctl
