#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <vector>

#include "libs/log/copy.h"
#include "libs/log/embedded.h"
#include "libs/log/kafka.h"
#include "libs/log/placement.h"
#include "tools/crmctl/program.h"
#include "tools/crmctl/progress.h"

// `crmctl log copy`: works on logs themselves, not on a server, which must not have them open.
namespace crm::ctl {
namespace {

constexpr std::string_view kEmbedded = "embedded:";
constexpr std::string_view kKafka = "kafka:";
constexpr auto kLineEvery = std::chrono::seconds(5);

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
  options.create = !must_exist;
  options.allow_unsafe = arguments.allow_unsafe;
  options.config = ConfigOf(arguments);
  options.names.brokers = must_exist ? "--from" : "--to";
  options.names.partitions = must_exist ? "--from-partitions" : "--partitions";
  options.names.allow_unsafe = "--allow-unsafe";
  options.names.replicas = "the cluster's size";
  options.tell = [](log::KafkaLevel, const std::string& text) { std::cerr << text << '\n'; };
  return log::OpenKafka(options);
}

int Fail(const record::Error& error) {
  std::cerr << "crmctl: " << error.text << '\n';
  return error.retry ? kExitUnavailable : kExitInternal;
}

// How far it is, on standard error: drawn again and again on a terminal, a line now and then
// elsewhere.
class Stage {
 public:
  explicit Stage(std::string what) : what_(std::move(what)) {}

  void Show(uint64_t events) {
    events_ = events;
    progress_.Show(0, Text());
    if (progress_.drawn() || std::chrono::steady_clock::now() < next_line_) return;
    End();
  }
  // A line of what was done.
  void End() {
    progress_.Clear();
    std::cerr << "crmctl: " << Text() << std::endl;
    next_line_ = std::chrono::steady_clock::now() + kLineEvery;
  }

 private:
  std::string Text() const { return std::to_string(events_) + " events " + what_; }

  const std::string what_;
  Progress progress_{0};
  uint64_t events_ = 0;
  std::chrono::steady_clock::time_point next_line_ = std::chrono::steady_clock::now() + kLineEvery;
};

int Print(Session& session, const log::Copied& copied) {
  uint64_t events = 0;
  for (const auto& [tenant, sum] : copied.tenants) events += sum.events;
  if (session.Json()) {
    nlohmann::ordered_json json = {{"commits", copied.commits}, {"events", events}};
    json["positions_left_out"] = copied.positions_left_out;
    for (const auto& [tenant, sum] : copied.tenants) {
      json["tenants"][tenant] = {{"events", sum.events}, {"hash", sum.hash}};
    }
    std::cout << json.dump(1) << '\n';
    return kExitOk;
  }
  for (const auto& [tenant, sum] : copied.tenants) {
    std::cout << sum.hash << "  " << tenant << ", " << sum.events << " events\n";
  }
  std::cout << copied.commits << " commits, " << events << " events\n";
  return kExitOk;
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
  Stage copied("copied");
  std::optional<Stage> compared;
  options.copied = [&](uint64_t so_far) { copied.Show(so_far); };
  options.compared = [&](uint64_t so_far) {
    if (!compared) {
      copied.End();
      compared.emplace("compared");
    }
    compared->Show(so_far);
  };
  const record::SystemClock clock;
  record::SystemRandom random;
  const auto result = log::Copy(**from, **to, options, clock, random);
  if (compared) compared->End();
  if (!result) return Fail(result.error());
  return Print(session, *result);
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
