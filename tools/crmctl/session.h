#pragma once

#include <google/protobuf/timestamp.pb.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "tools/crmctl/connection.h"
#include "tools/crmctl/schema.h"

namespace crm::ctl {

// What every command takes.
struct GlobalOptions {
  std::string server = "127.0.0.1:7400";
  std::string tenant;
  std::string user;
  std::string output;  // `table`, `json`, or empty: what standard output is
  std::string as_of;
  double timeout = 30;  // seconds
};

// One run of the program: what was asked for, and the server, once it is needed.
class Session {
 public:
  explicit Session(const GlobalOptions& options) : options_(options) {}

  const GlobalOptions& options() const { return options_; }
  // `api` unless said otherwise before the first call.
  void set_client(const std::string& client) { client_ = client; }
  // Each call then says itself who makes it.
  void LeaveUserToCalls() { user_in_calls_ = true; }

  bool Json() const;
  // The instant of --as-of; throws UsageError if it is none.
  std::optional<google::protobuf::Timestamp> AsOf() const;
  void RefuseAsOf() const;

  Connection& connection();
  const Schema& schema();

  // Sends a request that is safe to repeat, again where that may help.
  Status Send(const MethodDescriptor& method, const google::protobuf::MessageLite& request,
              google::protobuf::MessageLite* response, Trailers* trailers = nullptr,
              const Headers& more = {});
  // The same; throws Failure.
  void Call(const MethodDescriptor& method, const google::protobuf::MessageLite& request,
            google::protobuf::MessageLite* response, Trailers* trailers = nullptr);
  // Asks for a list page by page, and calls back with `page` full of each, until it says false or
  // there are no more; true: there are. A page may be empty and not the last one.
  bool Pages(const MethodDescriptor& method, Message* request, Message* page,
             const std::function<bool()>& each);
  // Calls back with each message until it says false or the stream ends; throws Failure.
  void Stream(const MethodDescriptor& method, const google::protobuf::MessageLite& request,
              const std::function<bool(const Message&)>& each, Trailers* trailers = nullptr);

 private:
  const GlobalOptions& options_;
  std::string client_ = "api";
  bool user_in_calls_ = false;
  std::unique_ptr<Connection> connection_;
  std::unique_ptr<Schema> schema_;
};

// What goes with a call as a header can be nothing but printable ASCII; throws UsageError.
std::string HeaderText(const std::string& name, const std::string& text);

// Waits, and tells a person why, the first time.
void PauseBeforeRetry(Connection& connection, std::chrono::milliseconds pause);

// Gives a request this id, by which a command may be repeated, or a new one if it has none; if it
// can have one.
void SetRequestId(Message* request, const std::string& id = "");

}  // namespace crm::ctl
