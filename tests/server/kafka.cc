#include "tests/server/kafka.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <nlohmann/json.hpp>

namespace crm::test {
namespace {

constexpr int kToolTimeoutMs = 120'000;
constexpr int kEndTimeoutMs = 30'000;
constexpr int kTries = 3;

const char kTool[] = PROJECT_FOLDER "/tools/kafka";

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

std::string Kafka::Output(size_t broker) const {
  return ReadText(std::filesystem::path(brokers_[broker].folder) / "output");
}

}  // namespace crm::test
