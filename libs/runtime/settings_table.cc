#include "libs/runtime/settings_table.h"

#include <algorithm>
#include <cctype>
#include <sstream>

namespace crm::runtime {
namespace {

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
      {"snapshot-to",
       "folder, or s3://BUCKET/FOLDER, that snapshots of the projections are kept in; empty: none",
       &s.snapshot_to},
      {"snapshot-endpoint", "address of the bucket's store; empty: Amazon's of the region",
       &s.snapshot_endpoint},
      {"snapshot-region", "region of the bucket", &s.snapshot_region},
      {"snapshot-access-key", "access key of the bucket", &s.snapshot_access_key},
      {"snapshot-secret-key", "its secret key", &s.snapshot_secret_key, {}, true},
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

}  // namespace crm::runtime
