#include "tools/bench/echo.h"

#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/codegen/server_callback_handlers.h>
#include <grpcpp/impl/service_type.h>

#include <condition_variable>
#include <csignal>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace crm::bench {
namespace {

using Handler = grpc::internal::CallbackUnaryHandler<grpc::ByteBuffer, grpc::ByteBuffer>;

// Ends calls one after the other in a thread of its own, after some work for each.
class Worker {
 public:
  explicit Worker(std::chrono::microseconds work) : work_(work), thread_([this] { Run(); }) {}
  // When no call is left.
  ~Worker() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
  }

  void Add(grpc::ServerUnaryReactor* call) {
    {
      const std::lock_guard lock(mutex_);
      waiting_.push_back(call);
      if (waiting_.size() > 1) return;
    }
    wake_.notify_one();
  }

 private:
  void Run() {
    for (;;) {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
      if (stopping_) return;
      const auto calls = std::exchange(waiting_, {});
      lock.unlock();
      for (auto* const call : calls) {
        const auto until = std::chrono::steady_clock::now() + work_;
        while (std::chrono::steady_clock::now() < until) {
        }
        call->Finish(grpc::Status::OK);
      }
    }
  }

  const std::chrono::microseconds work_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<grpc::ServerUnaryReactor*> waiting_;
  bool stopping_ = false;
  std::thread thread_;
};

// The cheapest way that gRPC has to answer one message with one.
class EchoService final : public grpc::Service {
 public:
  // `worker`: who ends the calls; null: they are ended at once.
  explicit EchoService(Worker* worker) {
    AddMethod(new grpc::internal::RpcServiceMethod(kEchoPath, grpc::internal::RpcMethod::NORMAL_RPC,
                                                   nullptr));
    MarkMethodRawCallback(
        0, new Handler([worker](grpc::CallbackServerContext* context,
                                const grpc::ByteBuffer* request, grpc::ByteBuffer* response) {
          *response = *request;
          auto* const reactor = context->DefaultReactor();
          if (worker != nullptr) {
            worker->Add(reactor);
          } else {
            reactor->Finish(grpc::Status::OK);
          }
          return reactor;
        }));
  }
};

}  // namespace

int ServeEcho(const std::string& address, std::chrono::microseconds work) {
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &stop, nullptr);
  std::optional<Worker> worker;
  if (work.count() > 0) worker.emplace(work);
  EchoService service(worker ? &*worker : nullptr);
  grpc::ServerBuilder builder;
  builder.AddListeningPort(address, grpc::InsecureServerCredentials());
  builder.RegisterService(&service);
  auto server = builder.BuildAndStart();
  if (!server) return 1;
  int signal = 0;
  sigwait(&stop, &signal);
  server->Shutdown();
  return 0;
}

}  // namespace crm::bench
