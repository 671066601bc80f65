#include "tests/server/kafka.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <nlohmann/json.hpp>

namespace crm::test {
namespace {

constexpr int kToolTimeoutMs = 120'000;
constexpr int kEndTimeoutMs = 30'000;
constexpr int kTries = 3;

const char kTool[] = PROJECT_FOLDER "/tools/kafka";

using Time = std::chrono::steady_clock;
constexpr auto kClusterTimeout = std::chrono::seconds(60);

// A topic's partitions as the cluster tells of them; empty: it tells nothing now.
nlohmann::json PartitionsOf(const std::string& bootstrap, const std::string& topic) {
  const Finished told =
      test::Run({"/usr/bin/kcat", "-L", "-J", "-q", "-b", bootstrap, "-t", topic}, {}, 20'000);
  const size_t begin = told.output.find('{');
  if (told.code != 0 || begin == std::string::npos) return nlohmann::json::array();
  const auto json = nlohmann::json::parse(told.output.substr(begin), nullptr, false);
  if (json.is_discarded() || json["topics"].size() != 1) return nlohmann::json::array();
  return json["topics"][0].value("partitions", nlohmann::json::array());
}

}  // namespace

Kafka::Kafka() : Kafka(Options()) {}

Kafka::Kafka(const Options& options) {
  // Somebody else may take a port between its choice and the broker's listening on it.
  for (int i = 0; i < kTries; ++i) {
    if (!Prepare(options)) return;
    for (Broker& broker : brokers_) Run(broker);
    if (Await()) return;
    if (i + 1 == kTries) ADD_FAILURE() << "no Kafka:\n" << Output();
    for (size_t b = 0; b < brokers_.size(); ++b) Kill(b);
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
      std::filesystem::remove_all(entry);
    }
  }
}

Kafka::~Kafka() {
  for (size_t b = 0; b < brokers_.size(); ++b) Kill(b);
}

Kafka& Kafka::Shared() {
  static Kafka kafka;
  return kafka;
}

std::string Kafka::NewTopic() {
  static std::atomic<int> count{0};
  return "crm.test" + std::to_string(++count) + ".events";
}

bool Kafka::Prepare(const Options& options) {
  std::vector<std::string> command = {kTool,
                                      "prepare",
                                      "--quick",
                                      "--folder",
                                      folder_.path().string(),
                                      "--brokers",
                                      std::to_string(options.brokers)};
  for (const std::string& setting : options.settings) {
    command.insert(command.end(), {"--set", setting});
  }
  std::string ports;
  for (const int port : options.proxied) ports += (ports.empty() ? "" : ",") + std::to_string(port);
  if (!ports.empty()) command.insert(command.end(), {"--proxied", ports});
  const Finished prepared = test::Run(command, {}, kToolTimeoutMs);
  const auto cluster =
      nlohmann::json::parse(ReadText(folder_.path() / "cluster.json"), nullptr, false);
  if (prepared.code != 0 || cluster.is_discarded()) {
    ADD_FAILURE() << "tools/kafka prepare fails:\n" << prepared.output;
    return false;
  }
  bootstrap_ = cluster["bootstrap"];
  proxied_bootstrap_ = cluster.value("proxied_bootstrap", "");
  brokers_.clear();
  for (const auto& broker : cluster["brokers"]) {
    brokers_.push_back({broker["command"], broker["folder"], broker.value("behind_proxy", 0), {}});
  }
  return true;
}

void Kafka::Run(Broker& broker) {
  broker.process =
      std::make_unique<Process>(broker.command, std::filesystem::path(broker.folder) / "output");
}

bool Kafka::Await() const {
  return test::Run({kTool, "wait", "--folder", folder_.path().string()}, {}, kToolTimeoutMs).code ==
         0;
}

void Kafka::Signal(int signal, size_t broker) const { brokers_[broker].process->Signal(signal); }

void Kafka::Kill(size_t broker) {
  auto& process = brokers_[broker].process;
  if (!process) return;
  process->Signal(SIGKILL);
  process->Wait(kEndTimeoutMs);
}

void Kafka::Start(size_t broker) {
  Run(brokers_[broker]);
  if (!Await()) ADD_FAILURE() << "the broker does not come back:\n" << Output(broker);
}

size_t Kafka::LeaderOf(const std::string& topic, int partition) const {
  const auto end = Time::now() + kClusterTimeout;
  while (Time::now() < end) {
    for (const auto& each : PartitionsOf(bootstrap_, topic)) {
      const int leader = each["partition"] == partition ? each.value("leader", -1) : -1;
      if (leader > 0) return static_cast<size_t>(leader) - 1;
    }
  }
  ADD_FAILURE() << "nobody leads partition " << partition << " of " << topic;
  return 0;
}

void Kafka::AwaitInSync(const std::string& topic) const {
  const auto end = Time::now() + kClusterTimeout;
  while (Time::now() < end) {
    const auto partitions = PartitionsOf(bootstrap_, topic);
    const bool all = std::all_of(partitions.begin(), partitions.end(), [](const auto& each) {
      return each["isrs"].size() == each["replicas"].size();
    });
    if (all && !partitions.empty()) return;
  }
  ADD_FAILURE() << "the brokers do not come to have all of " << topic;
}

std::string Kafka::Output(size_t broker) const {
  return ReadText(std::filesystem::path(brokers_[broker].folder) / "output");
}

}  // namespace crm::test
