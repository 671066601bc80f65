#pragma once

#include <grpcpp/generic/async_generic_service.h>

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "libs/record/clock.h"
#include "libs/rpc/server/completer.h"
#include "libs/rpc/server/server.h"

// What the calls of one server share, and what every kind of call does the same way.
namespace crm::rpc {

// A call that goes on until somebody ends it.
class Endless {
 public:
  // The server drains. Thread-safe.
  virtual void End() = 0;

 protected:
  ~Endless() = default;
};

// The endless calls there are, so that all can be ended.
class EndlessCalls {
 public:
  // False: the server drains already, and the call must end by itself.
  bool Add(Endless* call);
  void Remove(Endless* call);
  void EndAll();

 private:
  std::mutex mutex_;
  bool ended_ = false;
  std::unordered_set<Endless*> calls_;
};

struct Serving {
  Serving(ServerOptions given_options, std::vector<Endpoint> given_endpoints,
          Observer given_observer, const record::Clock& given_clock);

  const ServerOptions options;
  const std::vector<Endpoint> endpoints;
  const Observer observer;
  const record::Clock& clock;
  const bool loopback;
  std::unordered_map<std::string, int> by_path;  // place in `endpoints`
  EndlessCalls endless;
  Completer completer;
};

// One call's way in and out, whatever kind it is of.
class Exchange {
 public:
  // `endpoint`: place in `serving.endpoints`; -1: none of them.
  Exchange(Serving& serving, grpc::CallbackServerContext& context, int endpoint)
      : serving_(serving),
        context_(context),
        endpoint_(endpoint),
        begin_(std::chrono::steady_clock::now()) {}

  // `request` in one piece, with what came with it.
  Call Arrived(const grpc::ByteBuffer& request) const;
  void AddInitial(const Metadata& metadata);
  void AddTrailing(const Metadata& metadata);
  // Reports the end of the call, and gives what gRPC is to be told.
  grpc::Status Ended(record::Status status) const;

  Serving& serving() const { return serving_; }

 private:
  std::string_view Sent(const char* key) const;

  Serving& serving_;
  grpc::CallbackServerContext& context_;
  const int endpoint_;
  const std::chrono::steady_clock::time_point begin_;
};

// What a call is answered whose first message never came: none was sent, or it was too long.
record::Status MissingMessage(const ServerOptions& options);

}  // namespace crm::rpc
