#include "libs/runtime/settings.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <fstream>
#include <memory>
#include <optional>
#include <sstream>
#include <utility>
#include <variant>

#include "libs/rpc/server/server.h"
#include "libs/runtime/version.h"

namespace crm::runtime {
namespace {

struct Setting {
  std::string name;  // `max-message-bytes`: of the flag and in the file
  std::string text;
  std::variant<std::string*, int64_t*, bool*, std::vector<std::string>*> value;
  CLI::Validator check{};
  bool secret = false;
  std::string variable{};  // of the environment, unless it is CRM_MAX_MESSAGE_BYTES
};

std::string CheckAddress(const std::string& address) {
  const size_t colon = address.rfind(':');
  const std::string port = colon == std::string::npos ? "" : address.substr(colon + 1);
  const bool digits =
      !port.empty() && port.size() <= 5 &&
      std::all_of(port.begin(), port.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (colon == 0 || !digits || std::stoi(port) > 65535) return address + " is not HOST:PORT";
  return {};
}

std::string CheckTokenKey(const std::string& key) {
  return key.empty() || key.size() >= 16 ? "" : "a token key needs at least 16 characters";
}

std::string CheckPair(const std::string& pair) {
  const size_t equals = pair.find('=');
  return equals != std::string::npos && equals > 0 ? "" : "it is NAME=VALUE";
}

std::string CheckName(const std::string& name) {
  const bool legal =
      name.size() <= 100 && std::all_of(name.begin(), name.end(), [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '_' || c == '-';
      });
  return legal ? "" : name + " has other characters than a-z, A-Z, 0-9, '.', '_' and '-'";
}

std::string CheckPrefix(const std::string& prefix) {
  return prefix.empty() ? "names can not begin with nothing" : CheckName(prefix);
}

std::string CheckStandbys(const std::string& text) {
  const bool number =
      !text.empty() && text.size() <= 4 &&
      std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  return text == "all" || number ? "" : "it is a number, or all";
}

// Every setting there is.
std::vector<Setting> TableOf(Settings& s) {
  const CLI::Validator address(CheckAddress, "HOST:PORT");
  const CLI::Range milliseconds(int64_t{0}, int64_t{3'600'000});
  const CLI::Range commands(int64_t{1}, int64_t{10'000'000});
  return {
      {"services", "services to run, with commas, or all", &s.services},
      // CRM_DATA names a folder of sample data to the tools; the log must not end up there.
      {"data", "folder of the log and the projections", &s.data, {}, false, "CRM_DATA_DIR"},
      {"grpc", "where to listen for gRPC", &s.grpc, address},
      {"http", "where to listen for metrics and probes", &s.http, address},
      {"trust-metadata", "believe callers on this machine who they are (crm-tenant, crm-user)",
       &s.trust_metadata},
      {"founded-only", "refuse the tenants that were never founded, but for their founding",
       &s.founded_only},
      {"identity-max-age-s", "seconds after which what is known of users and roles is too old",
       &s.identity_max_age_s, CLI::Range(int64_t{1}, int64_t{86'400})},
      {"reflection", "tell callers what is served (grpc.reflection)", &s.reflection},
      {"token-key", "secret that page tokens are signed with; empty: <data>/token.key",
       &s.token_key, CLI::Validator(CheckTokenKey, "TEXT"), true},
      {"log-level", "least level that is logged", &s.log_level,
       CLI::IsMember({"debug", "info", "warning", "error"})},
      {"log", "kind of the event log", &s.log, CLI::IsMember({"embedded", "kafka"})},
      {"partitions", "partitions of each service's log, when it is created", &s.partitions,
       CLI::Range(int64_t{1}, int64_t{1024})},
      {"kafka-brokers", "brokers to begin with, with commas", &s.kafka_brokers},
      {"kafka-config", "NAME=VALUE of librdkafka's, passed on unchanged; may come several times",
       &s.kafka_config, CLI::Validator(CheckPair, "NAME=VALUE"), true},
      {"kafka-replication", "replicas of the topics, when they are created", &s.kafka_replication,
       CLI::Range(int64_t{1}, int64_t{9})},
      {"kafka-allow-unsafe", "serve although topics are set so that commands can be lost",
       &s.kafka_allow_unsafe},
      {"kafka-prefix", "what the names of topics and groups begin with", &s.kafka_prefix,
       CLI::Validator(CheckPrefix, "TEXT")},
      {"standbys", "how many processes follow each partition, or all", &s.standbys,
       CLI::Validator(CheckStandbys, "NUMBER|all")},
      {"advertise", "where other processes reach this one; empty: where it listens", &s.advertise,
       address},
      {"instance", "name that no other process has, the same after a restart; empty: its address",
       &s.instance, CLI::Validator(CheckName, "TEXT")},
      {"max-message-bytes", "longest request", &s.max_message_bytes,
       CLI::Range(int64_t{1024}, int64_t{64} << 20)},
      {"max-batch", "most items of a batch", &s.max_batch, CLI::Range(int64_t{1}, int64_t{1000})},
      {"queue-commands-per-tenant", "commands that may wait for one tenant in one partition",
       &s.queue_commands_per_tenant, commands},
      {"queue-commands", "commands that may wait in one partition", &s.queue_commands, commands},
      {"drain-delay-ms", "how long to go on serving after SIGTERM, until balancers have noticed",
       &s.drain_delay_ms, milliseconds},
      {"drain-timeout-ms", "how long calls in flight may take after that", &s.drain_timeout_ms,
       milliseconds},
      {"snapshot-to", "folder that snapshots of the projections are kept in; empty: none",
       &s.snapshot_to},
      {"snapshot-every-s", "how often they are taken; 0: on command only", &s.snapshot_every_s,
       CLI::Range(int64_t{0}, int64_t{31} * 86'400)},
      {"snapshot-keep", "how many of a partition are kept", &s.snapshot_keep,
       CLI::Range(int64_t{1}, int64_t{1000})},
  };
}

std::string VariableOf(const Setting& setting) {
  if (!setting.variable.empty()) return setting.variable;
  std::string variable = "CRM_" + setting.name;
  for (char& c : variable)
    c = c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return variable;
}

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

namespace {

// Whether a value is a secret is only known by its name, so most are not shown.
std::string Masked(const std::vector<std::string>& pairs) {
  std::string text = "[";
  for (const std::string& pair : pairs) {
    const std::string name = pair.substr(0, pair.find('='));
    const bool shown = name.ends_with(".ms") || name.ends_with(".protocol") ||
                       name.ends_with(".mechanism") || name.ends_with(".mechanisms") ||
                       name.ends_with(".location") || name.starts_with("compression.");
    text += (text.size() == 1 ? "\"" : ", \"") + (shown ? pair : name + "=***") + "\"";
  }
  return text + "]";
}

}  // namespace

std::string Print(const Settings& settings) {
  Settings copy = settings;
  std::ostringstream out;
  for (const Setting& setting : TableOf(copy)) {
    out << setting.name << " = ";
    if (auto* const* flag = std::get_if<bool*>(&setting.value)) {
      out << (**flag ? "true" : "false");
    } else if (auto* const* number = std::get_if<int64_t*>(&setting.value)) {
      out << **number;
    } else if (auto* const* list = std::get_if<std::vector<std::string>*>(&setting.value)) {
      out << Masked(**list);
    } else {
      const std::string& text = *std::get<std::string*>(setting.value);
      out << '"' << (setting.secret && !text.empty() ? "***" : text) << '"';
    }
    out << "\n";
  }
  return out.str();
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
