#include "tools/bench/instance.h"

#include <grpcpp/create_channel.h>

#include <chrono>
#include <filesystem>
#include <thread>

#include "tools/bench/load.h"

namespace crm::bench {
namespace {

// `service: "readiness"` of grpc.health.v1, and its answer SERVING.
constexpr char kReadiness[] = "\x0a\x09readiness";
constexpr char kServing[] = "\x08\x01";
constexpr int kCallMs = 1'000;

std::string At(int port) { return "127.0.0.1:" + std::to_string(port); }

}  // namespace

Instance::Instance(const std::string& crm, std::string data, const std::vector<std::string>& flags)
    : data_(std::move(data)), address_(At(FreePort())) {
  std::vector<std::string> command = {crm,
                                      "serve",
                                      "--data",
                                      data_,
                                      "--grpc",
                                      address_,
                                      "--http",
                                      At(FreePort()),
                                      "--trust-metadata",
                                      "--log-level=error"};
  command.insert(command.end(), flags.begin(), flags.end());
  child_ = std::make_unique<Child>(command);
  grpc::ChannelArguments arguments;
  // Channels to the same place would share a connection otherwise.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  channel_ = grpc::CreateCustomChannel(address_, grpc::InsecureChannelCredentials(), arguments);
}

Instance::~Instance() {
  child_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(data_, ignored);
}

bool Instance::Ready() const {
  const Called called = CallOnce(channel_, "/grpc.health.v1.Health/Check", kReadiness, {}, kCallMs);
  return called.ok && called.response == kServing;
}

bool Instance::AwaitReady(double seconds) const {
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  while (!Ready()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

// A call that is marked as passed on is passed on no further.
bool Instance::Owns(const std::string& tenant) const {
  return CallOnce(channel_, "/crm.record.v1.Verification/Verify", "",
                  {{"crm-tenant", tenant},
                   {"crm-user", "bench@example.com"},
                   {"crm-forwarded", "bench"}},
                  kCallMs)
      .ok;
}

std::vector<std::string> ClusterFlags(const std::string& brokers, const std::string& prefix,
                                      int partitions) {
  return {"--log=kafka",
          "--kafka-brokers=" + brokers,
          "--kafka-prefix=" + prefix,
          "--kafka-replication=1",
          "--kafka-allow-unsafe",
          "--partitions=" + std::to_string(partitions),
          "--token-key=the same for all of them"};
}

}  // namespace crm::bench
