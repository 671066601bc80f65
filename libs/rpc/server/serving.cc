#include "libs/rpc/server/serving.h"

#include <utility>

#include "libs/rpc/server/bytes.h"
#include "libs/rpc/server/trailer.h"

namespace crm::rpc {

bool EndlessCalls::Add(Endless* call) {
  std::lock_guard lock(mutex_);
  if (ended_) return false;
  calls_.insert(call);
  return true;
}

void EndlessCalls::Remove(Endless* call) {
  std::lock_guard lock(mutex_);
  calls_.erase(call);
}

void EndlessCalls::EndAll() {
  // Under the lock, so that no call goes away meanwhile.
  std::lock_guard lock(mutex_);
  ended_ = true;
  for (Endless* call : calls_) call->End();
}

Serving::Serving(ServerOptions given_options, std::vector<Endpoint> given_endpoints,
                 Observer given_observer, const record::Clock& given_clock)
    : options(std::move(given_options)),
      endpoints(std::move(given_endpoints)),
      observer(std::move(given_observer)),
      clock(given_clock),
      loopback(IsLoopback(options.address)),
      completer(options.completer_threads) {
  for (size_t i = 0; i < endpoints.size(); ++i) by_path[endpoints[i].path] = static_cast<int>(i);
}

Call Exchange::Arrived(const grpc::ByteBuffer& request) const {
  Call call;
  call.path = serving_.endpoints[static_cast<size_t>(endpoint_)].path;
  call.metadata.reserve(context_.client_metadata().size());
  for (const auto& [key, value] : context_.client_metadata()) {
    call.metadata.push_back({{key.data(), key.size()}, {value.data(), value.size()}});
  }
  call.request = ToText(request);
  const auto deadline = context_.deadline();
  if (deadline != std::chrono::system_clock::time_point::max()) {
    const auto left = deadline - std::chrono::system_clock::now();
    call.deadline = serving_.clock.Boottime() +
                    std::chrono::duration_cast<std::chrono::microseconds>(left).count();
  }
  call.loopback = serving_.loopback;
  return call;
}

void Exchange::AddInitial(const Metadata& metadata) {
  for (const record::Metadatum& datum : metadata) {
    if (IsLegalMetadatum(datum.key, datum.value)) {
      context_.AddInitialMetadata(datum.key, datum.value);
    }
  }
}

void Exchange::AddTrailing(const Metadata& metadata) {
  size_t bytes = 0;
  for (const record::Metadatum& datum : metadata) {
    bytes += datum.key.size() + datum.value.size();
    if (bytes > kMetadataBytes) return;
    if (IsLegalMetadatum(datum.key, datum.value)) {
      context_.AddTrailingMetadata(datum.key, datum.value);
    }
  }
}

grpc::Status Exchange::Ended(record::Status status) const {
  if (serving_.observer) {
    CallReport report;
    report.endpoint = endpoint_;
    report.code = status.code();
    report.message = status.message();
    report.duration_us = std::chrono::duration_cast<std::chrono::microseconds>(
                             std::chrono::steady_clock::now() - begin_)
                             .count();
    report.tenant = Sent("crm-tenant");
    report.traceparent = Sent("traceparent");
    serving_.observer(report);
  }
  return ToGrpc(std::move(status));
}

std::string_view Exchange::Sent(const char* key) const {
  const auto& metadata = context_.client_metadata();
  const auto found = metadata.find(key);
  if (found == metadata.end()) return {};
  return {found->second.data(), found->second.size()};
}

record::Status MissingMessage(const ServerOptions& options) {
  return record::MakeStatus(record::kInvalidArgument, "MISSING_MESSAGE",
                            "A call needs one message, of at most " +
                                std::to_string(options.max_message_bytes) + " bytes.");
}

}  // namespace crm::rpc
