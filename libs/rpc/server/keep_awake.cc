#include "libs/rpc/server/keep_awake.h"

#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/support/byte_buffer.h>

namespace crm::rpc {

struct KeepAwake::Call {
  grpc::ClientContext context;
  const grpc::Slice empty;
  const grpc::ByteBuffer request{&empty, 1};
  grpc::ByteBuffer response;
};

// Without credentials a channel is one on which every call fails.
KeepAwake::KeepAwake(std::chrono::milliseconds every)
    : every_(every),
      nowhere_(grpc::CreateChannel("nowhere", nullptr)),
      thread_([this] { Run(); }) {}

KeepAwake::~KeepAwake() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

int64_t KeepAwake::done() const {
  const std::lock_guard lock(mutex_);
  return done_;
}

void KeepAwake::Run() {
  std::unique_lock lock(mutex_);
  while (!changed_.wait_for(lock, every_, [this] { return ending_; })) {
    ++begun_;
    lock.unlock();
    Begin();
    lock.lock();
  }
  changed_.wait(lock, [this] { return done_ == begun_; });
}

void KeepAwake::Begin() {
  auto call = std::make_shared<Call>();
  nowhere_.UnaryCall(&call->context, "/", grpc::StubOptions(), &call->request, &call->response,
                     [this, call](const grpc::Status&) {
                       const std::lock_guard lock(mutex_);
                       ++done_;
                       changed_.notify_all();
                     });
}

}  // namespace crm::rpc
