#include "tools/bench/load.h"

#include <grpcpp/client_context.h>
#include <grpcpp/generic/generic_stub.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <future>
#include <mutex>
#include <optional>

namespace crm::bench {
namespace {

using Clock = std::chrono::steady_clock;

// One place in flight: when its call ends, the next begins.
class Place;

struct Shared {
  grpc::GenericStub stub;
  const Load& load;
  const std::function<void(const grpc::ByteBuffer&)>& seen;
  Clock::time_point end;
  std::mutex mutex;
  std::condition_variable all_ended;
  int running = 0;
  std::vector<double> latencies_us;
  int64_t failed = 0;
  std::string first_failure;
};

class Place {
 public:
  explicit Place(Shared& shared) : shared_(shared) {}

  void Begin() {
    context_.emplace();
    for (const auto& [key, value] : shared_.load.metadata) context_->AddMetadata(key, value);
    request_ = shared_.load.next_request();
    response_.Clear();
    begun_ = Clock::now();
    shared_.stub.UnaryCall(&*context_, shared_.load.path, {}, &request_, &response_,
                           [this](grpc::Status status) { Ended(status); });
  }

 private:
  void Ended(const grpc::Status& status) {
    const auto now = Clock::now();
    latencies_us_.push_back(std::chrono::duration<double, std::micro>(now - begun_).count());
    if (status.ok() && shared_.seen) shared_.seen(response_);
    if (!status.ok() && failed_++ == 0) first_failure_ = status.error_message();
    if (now < shared_.end) {
      Begin();
      return;
    }
    std::lock_guard lock(shared_.mutex);
    shared_.latencies_us.insert(shared_.latencies_us.end(), latencies_us_.begin(),
                                latencies_us_.end());
    shared_.failed += failed_;
    if (failed_ > 0) shared_.first_failure = first_failure_;
    if (--shared_.running == 0) shared_.all_ended.notify_one();
  }

  Shared& shared_;
  std::optional<grpc::ClientContext> context_;
  grpc::ByteBuffer request_;
  grpc::ByteBuffer response_;
  Clock::time_point begun_;
  std::vector<double> latencies_us_;
  int64_t failed_ = 0;
  std::string first_failure_;
};

}  // namespace

Measured Run(const std::shared_ptr<grpc::Channel>& channel, const Load& load,
             const std::function<void(const grpc::ByteBuffer&)>& seen) {
  const auto begin = Clock::now();
  const auto length =
      std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(load.seconds));
  Shared shared{
      grpc::GenericStub(channel), load, seen, begin + length, {}, {}, load.in_flight, {}, 0, {}};
  std::vector<std::unique_ptr<Place>> places;
  for (int i = 0; i < load.in_flight; ++i) places.push_back(std::make_unique<Place>(shared));
  for (auto& place : places) place->Begin();
  std::unique_lock lock(shared.mutex);
  shared.all_ended.wait(lock, [&] { return shared.running == 0; });

  Measured measured;
  const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  std::sort(shared.latencies_us.begin(), shared.latencies_us.end());
  measured.calls = static_cast<int64_t>(shared.latencies_us.size());
  measured.calls_per_second = static_cast<double>(measured.calls) / seconds;
  measured.p50_us = shared.latencies_us[shared.latencies_us.size() / 2];
  measured.p99_us = shared.latencies_us[shared.latencies_us.size() * 99 / 100];
  measured.failed = shared.failed;
  measured.first_failure = shared.first_failure;
  return measured;
}

Called CallOnce(const std::shared_ptr<grpc::Channel>& channel, const std::string& path,
                const std::string& request, const Metadata& metadata, int timeout_ms) {
  grpc::ClientContext context;
  for (const auto& [key, value] : metadata) context.AddMetadata(key, value);
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(timeout_ms));
  const grpc::ByteBuffer sent = BufferOf(request);
  grpc::ByteBuffer response;
  std::promise<grpc::Status> ended;
  grpc::GenericStub(channel).UnaryCall(
      &context, path, {}, &sent, &response,
      [&ended](grpc::Status status) { ended.set_value(std::move(status)); });
  const grpc::Status status = ended.get_future().get();
  return {status.ok(), status.ok() ? TextOf(response) : "", status.error_message()};
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values.empty() ? 0 : values[values.size() / 2];
}

grpc::ByteBuffer BufferOf(const std::string& bytes) {
  grpc::Slice slice(bytes);
  return grpc::ByteBuffer(&slice, 1);
}

std::string TextOf(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  if (!buffer.Dump(&slices).ok()) return "";
  std::string text;
  for (const grpc::Slice& slice : slices)
    text.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  return text;
}

}  // namespace crm::bench
