#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "libs/record/clock.h"
#include "libs/record/result.h"
#include "libs/rpc/server/endpoints.h"

namespace crm::rpc {

// A listener. What a limit is reached by is refused by gRPC itself.
struct ServerOptions {
  std::string address = "127.0.0.1:7400";  // port 0: any that is free
  size_t max_message_bytes = 4 << 20;      // of a request
  size_t max_metadata_bytes = 16 << 10;    // of a call
  int max_streams = 1'000;                 // calls at a time on one connection
  int keepalive_ms = 60'000;               // a silent connection is asked whether it is there
  int keepalive_timeout_ms = 20'000;
  int min_ping_interval_ms = 10'000;  // a client that asks more often is sent away
  int max_connection_age_ms = 0;      // 0: any; else connections are renewed, for balancing
  int max_connection_age_grace_ms = 60'000;
  int completer_threads = 1;
};

// A call that has ended.
struct CallReport {
  int endpoint = -1;  // its place among the endpoints; -1: there is no such method
  int code = 0;
  std::string_view message;
  int64_t duration_us = 0;
  std::string_view tenant;       // as the caller said, unchecked
  std::string_view traceparent;  // the same
};
// Called on any thread, often: it must not wait.
using Observer = std::function<void(const CallReport&)>;

// A gRPC server with one generic service that serves every endpoint, by path.
class Server {
 public:
  // `clock` and what the endpoints refer to must outlive the server.
  static record::Result<std::unique_ptr<Server>> Start(ServerOptions options,
                                                       std::vector<Endpoint> endpoints,
                                                       Observer observer,
                                                       const record::Clock& clock);
  ~Server();

  int port() const;
  // Takes no new connections, ends the streams, waits for the calls in flight, and cancels those
  // that are still there after `timeout`.
  void Drain(std::chrono::milliseconds timeout);

 private:
  struct Parts;
  explicit Server(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

// True for an address that only programs on this machine can call.
bool IsLoopback(std::string_view address);

}  // namespace crm::rpc
