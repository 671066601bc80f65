#include "libs/runtime/settings.h"

#include <algorithm>
#include <fstream>
#include <memory>
#include <optional>
#include <sstream>
#include <utility>

#include "libs/rpc/server/server.h"
#include "libs/runtime/settings_table.h"
#include "libs/runtime/version.h"

namespace crm::runtime {
namespace {

// CLI11 writes what a negative flag means behind its name, which reads like a default.
class HelpFormat final : public CLI::Formatter {
  std::string make_option_name(const CLI::Option* option, bool positional) const override {
    std::string name = CLI::Formatter::make_option_name(option, positional);
    const std::string meaning = "{false}";
    if (const size_t at = name.find(meaning); at != std::string::npos)
      name.erase(at, meaning.size());
    return name;
  }
};

void AddOptions(const std::vector<Setting>& table, CLI::App* app) {
  for (const Setting& setting : table) {
    CLI::Option* option = nullptr;
    const std::string text = setting.text + " [" + VariableOf(setting) + "]";
    if (auto* const* flag = std::get_if<bool*>(&setting.value)) {
      option = app->add_flag("--" + setting.name + ",!--no-" + setting.name, **flag, text)
                   ->option_text(**flag ? "BOOL=true" : "BOOL=false");
    } else if (auto* const* number = std::get_if<int64_t*>(&setting.value)) {
      option = app->add_option("--" + setting.name, **number, text)
                   ->check(setting.check)
                   ->capture_default_str();
    } else if (auto* const* list = std::get_if<std::vector<std::string>*>(&setting.value)) {
      app->add_option("--" + setting.name, **list, text)
          ->check(setting.check)
          ->allow_extra_args(false);
      continue;
    } else {
      option = app->add_option("--" + setting.name, *std::get<std::string*>(setting.value), text)
                   ->check(setting.check);
      if (!setting.secret) option->capture_default_str();
    }
    option->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  }
}

// Settings from a source that is not the command line; the text of what is wrong with it, if so.
std::optional<std::string> Apply(const std::vector<Setting>& table,
                                 std::vector<std::string> arguments, const std::string& source) {
  CLI::App app;
  app.set_help_flag();
  AddOptions(table, &app);
  try {
    std::reverse(arguments.begin(), arguments.end());
    app.parse(std::move(arguments));
    return std::nullopt;
  } catch (const CLI::ParseError& error) {
    return source + ": " + error.what();
  }
}

std::optional<std::string> ApplyFile(const std::vector<Setting>& table, const std::string& path) {
  std::ifstream file(path);
  if (!file) return path + ": can not be read";
  std::vector<std::string> arguments;
  try {
    for (const CLI::ConfigItem& item : CLI::ConfigTOML().from_config(file)) {
      const bool known = item.parents.empty() &&
                         std::any_of(table.begin(), table.end(), [&](const Setting& setting) {
                           return setting.name == item.name;
                         });
      if (!known) return path + ": there is no setting " + item.fullname();
      // An empty value leaves the setting as it is, as an empty variable does.
      // Of a list each item comes by itself; other values may hold commas.
      const bool list = item.name == "kafka-config";
      for (const std::string& value :
           list ? item.inputs : std::vector<std::string>{CLI::detail::join(item.inputs, ",")}) {
        if (!value.empty()) arguments.push_back("--" + item.name + "=" + value);
      }
    }
  } catch (const CLI::Error& error) {
    return path + ": " + error.what();
  }
  return Apply(table, std::move(arguments), path);
}

std::optional<std::string> ApplyEnvironment(const std::vector<Setting>& table,
                                            const Environment& environment) {
  for (const Setting& setting : table) {
    const std::string variable = VariableOf(setting);
    const char* value = environment(variable.c_str());
    if (value == nullptr || *value == 0) continue;
    const bool list = std::holds_alternative<std::vector<std::string>*>(setting.value);
    std::vector<std::string> arguments;
    for (const std::string& each :
         list ? CLI::detail::split(value, ' ') : std::vector<std::string>{value}) {
      if (!each.empty()) arguments.push_back("--" + setting.name + "=" + each);
    }
    if (auto trouble = Apply(table, std::move(arguments), variable)) return trouble;
  }
  return std::nullopt;
}

// The file that the command line or else the environment names; empty: none.
std::string ConfigurationFile(const std::vector<std::string>& arguments,
                              const Environment& environment) {
  const char* variable = environment("CRM_CONFIG");
  std::string path = variable == nullptr ? "" : variable;
  const std::string flag = "--config";
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] == flag && i + 1 < arguments.size()) path = arguments[i + 1];
    if (arguments[i].starts_with(flag + "=")) path = arguments[i].substr(flag.size() + 1);
  }
  return path;
}

Invocation Fail(const std::string& text) {
  Invocation failed;
  failed.exit_code = 2;
  failed.output = "crm: " + text + "\n";
  return failed;
}

Invocation ReadFlags(std::vector<std::string> arguments, Settings settings) {
  Invocation read;
  read.settings = std::move(settings);
  const std::vector<Setting> table = TableOf(read.settings);
  CLI::App app("Recall, a CRM that forgets nothing.", "crm");
  app.set_version_flag("--version", "crm " + std::string(kVersion));
  app.require_subcommand(1);
  CLI::App* serve =
      app.add_subcommand("serve", "Serves the services that it is told to, until SIGTERM.");
  std::string ignored;
  serve->add_option("--config", ignored, "file of settings, `name = value` by line [CRM_CONFIG]");
  bool print = false;
  serve->add_flag("--print-config", print, "print the settings in effect, secrets masked, and end");
  serve->formatter(std::make_shared<HelpFormat>());
  AddOptions(table, serve);
  try {
    std::reverse(arguments.begin(), arguments.end());
    app.parse(std::move(arguments));
  } catch (const CLI::ParseError& error) {
    std::ostringstream out;
    std::ostringstream trouble;
    read.exit_code = app.exit(error, out, trouble) == 0 ? 0 : 2;
    read.output = out.str() + trouble.str();
    return read;
  }
  if (read.settings.trust_metadata && !rpc::IsLoopback(read.settings.grpc)) {
    return Fail(
        "--trust-metadata believes everybody who can connect; it needs a loopback address in "
        "--grpc");
  }
  if (print) read.output = Print(read.settings);
  read.serve = !print;
  return read;
}

}  // namespace

Invocation ReadInvocation(const std::vector<std::string>& arguments,
                          const Environment& environment) {
  Settings settings;
  const std::vector<Setting> table = TableOf(settings);
  const std::string path = ConfigurationFile(arguments, environment);
  if (!path.empty()) {
    if (auto trouble = ApplyFile(table, path)) return Fail(*trouble);
  }
  if (auto trouble = ApplyEnvironment(table, environment)) return Fail(*trouble);
  return ReadFlags(arguments, settings);
}

record::Result<std::vector<std::string>> ServicesToRun(const Settings& settings,
                                                       const std::vector<std::string>& known) {
  if (settings.services == "all") return known;
  std::vector<std::string> services;
  for (const std::string& service : CLI::detail::split(settings.services, ',')) {
    if (std::find(known.begin(), known.end(), service) == known.end()) {
      return record::Error{"--services: there is no service '" + service +
                           "'; there are: " + CLI::detail::join(known, ", ")};
    }
    services.push_back(service);
  }
  return services;
}

}  // namespace crm::runtime
