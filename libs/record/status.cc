#include "libs/record/status.h"

#include <algorithm>

#include "google/rpc/error_details.pb.h"

namespace crm::record {
namespace {

constexpr char kDomain[] = "recall";

Status WithRetry(Code code, std::string_view reason, std::string_view text, int retry_ms) {
  Status status = MakeStatus(code, reason, text);
  google::rpc::RetryInfo retry;
  retry.mutable_retry_delay()->set_seconds(retry_ms / 1000);
  retry.mutable_retry_delay()->set_nanos(retry_ms % 1000 * 1'000'000);
  status.add_details()->PackFrom(retry);
  return status;
}

}  // namespace

Status MakeStatus(Code code, std::string_view reason, std::string_view text,
                  const std::vector<Metadatum>& metadata) {
  google::rpc::ErrorInfo info;
  info.set_reason(std::string(reason));
  info.set_domain(kDomain);
  for (const Metadatum& datum : metadata) (*info.mutable_metadata())[datum.key] = datum.value;
  Status status;
  status.set_code(code);
  status.set_message(std::string(text));
  status.add_details()->PackFrom(info);
  return status;
}

Status InvalidArgument(const std::vector<Violation>& violations) {
  // A client may send thousands of wrong fields; an answer has to fit into trailing metadata (8
  // KiB).
  constexpr size_t kMostListed = 25;
  constexpr size_t kMostBytes = 4096;
  std::string text = "The request is not valid.";
  if (!violations.empty()) {
    const Violation& first = violations.front();
    text = first.path.empty() ? first.description : first.path + ": " + first.description;
    if (violations.size() > 1) text += " (and " + std::to_string(violations.size() - 1) + " more)";
  }
  Status status = MakeStatus(
      kInvalidArgument, violations.empty() ? "INVALID_VALUE" : violations.front().reason, text);
  google::rpc::BadRequest bad;
  for (size_t i = 0; i < std::min(violations.size(), kMostListed); ++i) {
    auto* violation = bad.add_field_violations();
    violation->set_field(violations[i].path);
    violation->set_description(violations[i].description);
    violation->set_reason(violations[i].reason);
    if (bad.ByteSizeLong() > kMostBytes) break;
  }
  status.add_details()->PackFrom(bad);
  return status;
}

Status NotFound(std::string_view name) {
  std::string text = "There is no ";
  text += name;
  text += '.';
  Status status = MakeStatus(kNotFound, "NOT_FOUND", text);
  google::rpc::ResourceInfo resource;
  resource.set_resource_type(std::string(name.substr(0, std::min(name.find('/'), name.size()))));
  resource.set_resource_name(std::string(name));
  status.add_details()->PackFrom(resource);
  return status;
}

Status Unavailable(std::string_view reason, std::string_view text, int retry_ms) {
  return WithRetry(kUnavailable, reason, text, retry_ms);
}

Status ResourceExhausted(std::string_view reason, std::string_view text, int retry_ms) {
  return WithRetry(kResourceExhausted, reason, text, retry_ms);
}

std::string ReasonOf(const Status& status) {
  for (const auto& detail : status.details()) {
    google::rpc::ErrorInfo info;
    if (detail.Is<google::rpc::ErrorInfo>() && detail.UnpackTo(&info)) return info.reason();
  }
  return {};
}

}  // namespace crm::record
