#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/generic/generic_stub.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>

namespace crm::rpc {

// Keeps gRPC's threads from sleeping: one to which nothing has happened for a second looks at
// nothing for 100 ms, and the first calls after a pause, when all do so, wait as long. Here
// something happens more often: a call, on a channel that leads nowhere, that fails at once.
class KeepAwake {
 public:
  explicit KeepAwake(std::chrono::milliseconds every = std::chrono::milliseconds(400));
  ~KeepAwake();
  // Calls that have failed so far. Thread-safe.
  int64_t done() const;

 private:
  struct Call;
  void Run();
  void Begin();

  const std::chrono::milliseconds every_;
  grpc::GenericStub nowhere_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool ending_ = false;
  int64_t begun_ = 0;
  int64_t done_ = 0;
  std::thread thread_;
};

}  // namespace crm::rpc
