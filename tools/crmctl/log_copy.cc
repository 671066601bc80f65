#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <vector>

#include "libs/log/copy.h"
#include "libs/log/embedded.h"
#include "libs/log/kafka.h"
#include "libs/log/placement.h"
#include "tools/crmctl/program.h"

// `crmctl log copy`: works on logs themselves, not on a server, which must not have them open.
namespace crm::ctl {
namespace {

constexpr std::string_view kEmbedded = "embedded:";
constexpr std::string_view kKafka = "kafka:";

struct Arguments {
  std::string from;
  std::string to;
  int from_partitions = 0;
  int partitions = 0;
  std::vector<std::string> kafka_config;
  bool allow_unsafe = false;
};

// How many partitions the embedded log in a folder has; 0: there is none.
int PartitionsIn(const std::string& folder) {
  std::ostringstream meta;
  meta << std::ifstream(folder + "/log.meta").rdbuf();
  const std::string text = meta.str();
  const auto at = text.find("partitions ");
  return at == std::string::npos ? 0 : std::atoi(text.c_str() + at + 11);
}

std::map<std::string, std::string> ConfigOf(const Arguments& arguments) {
  std::map<std::string, std::string> config;
  for (const auto& one : arguments.kafka_config) {
    const auto equals = one.find('=');
    if (equals == std::string::npos) throw UsageError("--kafka-config is NAME=VALUE");
    config[one.substr(0, equals)] = one.substr(equals + 1);
  }
  return config;
}

record::Result<std::unique_ptr<log::Log>> Open(const Arguments& arguments, const std::string& name,
                                               int partitions, bool must_exist) {
  if (name.starts_with(kEmbedded)) {
    const std::string folder = name.substr(kEmbedded.size());
    const int there = PartitionsIn(folder);
    if (there == 0 && must_exist) throw UsageError("there is no log in " + folder);
    std::filesystem::create_directories(folder);
    log::EmbeddedOptions options;
    options.folder = folder;
    options.partitions = there > 0 ? there : partitions;
    return log::OpenEmbedded(options);
  }
  const auto slash = name.rfind('/');
  if (!name.starts_with(kKafka) || slash == std::string::npos) {
    throw UsageError(name + " is neither embedded:FOLDER nor kafka:HOST:PORT,…/TOPIC");
  }
  log::KafkaOptions options;
  options.brokers = name.substr(kKafka.size(), slash - kKafka.size());
  options.topic = name.substr(slash + 1);
  options.partitions = partitions;
  options.allow_unsafe = arguments.allow_unsafe;
  options.config = ConfigOf(arguments);
  options.tell = [](log::KafkaLevel, const std::string& text) { std::cerr << text << '\n'; };
  return log::OpenKafka(options);
}

int Fail(const record::Error& error) {
  std::cerr << "crmctl: " << error.text << '\n';
  return error.retry ? kExitUnavailable : kExitInternal;
}

int CopyLog(Session& session, Arguments& arguments) {
  if (arguments.from.starts_with(kKafka) && arguments.from_partitions == 0) {
    throw UsageError("--from-partitions says how many partitions a topic to read has");
  }
  const auto from = Open(arguments, arguments.from, arguments.from_partitions, true);
  if (!from) return Fail(from.error());
  const int wanted = arguments.partitions > 0 ? arguments.partitions : (*from)->partitions();
  const auto to = Open(arguments, arguments.to, wanted, false);
  if (!to) return Fail(to.error());

  log::CopyOptions options;
  options.place = log::PartitionOf;
  options.progress = [](uint64_t commits) { std::cerr << "crmctl: " << commits << " commits\n"; };
  const record::SystemClock clock;
  record::SystemRandom random;
  const auto copied = log::Copy(**from, **to, options, clock, random);
  if (!copied) return Fail(copied.error());
  uint64_t events = 0;
  for (const auto& [tenant, sum] : copied->tenants) events += sum.events;
  if (session.Json()) {
    nlohmann::ordered_json json = {{"commits", copied->commits}, {"events", events}};
    json["positions_left_out"] = copied->positions_left_out;
    for (const auto& [tenant, sum] : copied->tenants) {
      json["tenants"][tenant] = {{"events", sum.events}, {"hash", sum.hash}};
    }
    std::cout << json.dump(1) << '\n';
    return kExitOk;
  }
  for (const auto& [tenant, sum] : copied->tenants) {
    std::cout << sum.hash << "  " << tenant << ", " << sum.events << " events\n";
  }
  std::cout << copied->commits << " commits, " << events << " events\n";
  return kExitOk;
}

}  // namespace

void AddLog(Program& program) {
  auto* log = program.app.add_subcommand("log", "Work on a log that no server has open");
  log->require_subcommand(1);
  program.Add<Arguments>(
      log, "copy", "Copy what counts into an empty log, and compare",
      [](CLI::App* command, Arguments& arguments) {
        command->add_option("--from", arguments.from, "embedded:FOLDER or kafka:HOST:PORT/TOPIC")
            ->required();
        command->add_option("--to", arguments.to, "the same, of the log to write")->required();
        command->add_option("--from-partitions", arguments.from_partitions,
                            "Partitions of a topic to read");
        command->add_option("--partitions", arguments.partitions,
                            "Partitions of the log to write; as many as it comes from");
        command->add_option("--kafka-config", arguments.kafka_config,
                            "NAME=VALUE of librdkafka's settings, any number of times");
        command->add_flag("--allow-unsafe", arguments.allow_unsafe,
                          "Also if the topic's settings could lose what was written");
      },
      CopyLog);
}

}  // namespace crm::ctl
