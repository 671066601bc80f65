#include "tests/server/bucket_store.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <nlohmann/json.hpp>

#include "tests/server/loopback.h"

namespace crm::test {
namespace {

constexpr auto kStartTimeout = std::chrono::seconds(120);
constexpr int kEndTimeoutMs = 30'000;
constexpr int kPollMs = 20;
const char kTool[] = PROJECT_FOLDER "/tools/bucket";

bool Listens(const std::string& endpoint) {
  const int port = std::stoi(endpoint.substr(endpoint.rfind(':') + 1));
  const sockaddr_in address = Loopback(port);
  const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool connected =
      connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  close(descriptor);
  return connected;
}

}  // namespace

BucketStore::BucketStore() { Start(); }

void BucketStore::Start() {
  process_ = std::make_unique<Process>(
      std::vector<std::string>{kTool, "serve", "--folder", folder_.path().string()},
      folder_.path() / "output");
  if (!Await()) ADD_FAILURE() << "no store of buckets:\n" << Output();
}

bool BucketStore::Await() {
  const auto end = std::chrono::steady_clock::now() + kStartTimeout;
  while (std::chrono::steady_clock::now() < end) {
    if (process_->Wait(kPollMs)) return false;
    const auto store =
        nlohmann::json::parse(ReadText(folder_.path() / "store.json"), nullptr, false);
    if (!store.is_object()) continue;
    endpoint_ = store["endpoint"];
    bucket_ = store["bucket"];
    region_ = store["region"];
    access_key_ = store["access_key"];
    secret_key_ = store["secret_key"];
    if (Listens(endpoint_)) return true;
  }
  return false;
}

void BucketStore::Kill() {
  process_->Signal(SIGKILL);
  process_->Wait(kEndTimeoutMs);
}

std::string BucketStore::Output() const { return ReadText(folder_.path() / "output"); }

std::vector<std::string> BucketStore::FlagsOf(const std::string& folder) const {
  return {"--snapshot-to=s3://" + bucket_ + '/' + folder, "--snapshot-endpoint=" + endpoint_,
          "--snapshot-region=" + region_, "--snapshot-access-key=" + access_key_,
          "--snapshot-secret-key=" + secret_key_};
}

}  // namespace crm::test
