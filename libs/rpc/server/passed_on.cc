#include "libs/rpc/server/passed_on.h"

#include <chrono>
#include <map>

#include "libs/rpc/peers.h"

namespace crm::rpc {
namespace {

constexpr int kRetryMs = 500;

// What HTTP/2 and gRPC say among themselves, and what each hop states anew.
bool IsOfTheConnection(std::string_view key) {
  return key.starts_with(":") || key.starts_with("grpc-") || key == "user-agent" || key == "te" ||
         key == "content-type" || key == "accept-encoding";
}

Metadata Received(const std::multimap<grpc::string_ref, grpc::string_ref>& received) {
  Metadata metadata;
  for (const auto& [key, value] : received) {
    const std::string_view name(key.data(), key.size());
    if (!IsOfTheConnection(name))
      metadata.push_back({std::string(name), {value.data(), value.size()}});
  }
  return metadata;
}

}  // namespace

void PassOn(const Call& call, const record::Clock& clock, grpc::ClientContext* context) {
  for (const record::Metadatum& datum : call.metadata) {
    if (!IsOfTheConnection(datum.key)) context->AddMetadata(datum.key, datum.value);
  }
  if (call.deadline == INT64_MAX) return;
  const auto left = std::chrono::microseconds(call.deadline - clock.Boottime());
  context->set_deadline(std::chrono::system_clock::now() + left);
}

record::Status StatusOf(const grpc::Status& status) {
  record::Status whole;
  if (status.ok()) return whole;
  if (!status.error_details().empty() && whole.ParseFromString(status.error_details()))
    return whole;
  if (status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED)
    return record::MakeStatus(record::kDeadlineExceeded, "DEADLINE_PASSED",
                              "The deadline passed before the call was answered.");
  // gRPC has no other way to tell a call that was never sent; any other text is taken for the
  // worse.
  if (status.error_message().starts_with("failed to connect")) {
    return record::Unavailable(
        kNotServing, "The process that owns the tenant's partition can not be reached.", kRetryMs);
  }
  return record::Unavailable(
      kOwnerLost,
      "The process that owns the tenant's partition gave no answer; send it again with the same "
      "request id.",
      kRetryMs);
}

Metadata InitialOf(const grpc::ClientContext& context) {
  return Received(context.GetServerInitialMetadata());
}

Metadata TrailingOf(const grpc::ClientContext& context) {
  return Received(context.GetServerTrailingMetadata());
}

}  // namespace crm::rpc
