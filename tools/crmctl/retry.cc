#include <algorithm>

#include "google/rpc/code.pb.h"
#include "google/rpc/error_details.pb.h"
#include "tools/crmctl/connection.h"

namespace crm::ctl {
namespace {

constexpr std::chrono::milliseconds kFirstPause(
    200);  // 6.2 seconds in all: a server may be starting again
constexpr std::chrono::milliseconds kLongestPause(10'000);  // also of what the server asks for

}  // namespace

Status SendWithRetries(const std::function<Status()>& send,
                       const std::function<void(std::chrono::milliseconds)>& pause, int retries) {
  std::chrono::milliseconds backoff = kFirstPause;
  for (int retry = 0;; ++retry) {
    Status status = send();
    google::rpc::RetryInfo info;
    bool asked = FindDetail(status, &info) && status.code() == google::rpc::RESOURCE_EXHAUSTED;
    if (status.code() != google::rpc::UNAVAILABLE && !asked) return status;
    if (retry == retries) return status;
    std::chrono::milliseconds wanted(info.retry_delay().seconds() * 1000 +
                                     info.retry_delay().nanos() / 1'000'000);
    pause(std::min(std::max(backoff, wanted), kLongestPause));
    backoff *= 2;
  }
}

}  // namespace crm::ctl
