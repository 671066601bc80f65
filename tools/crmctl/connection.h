#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tools/crmctl/failure.h"

// Calls methods of a server by path, with bytes; the only place that knows gRPC.
namespace crm::ctl {

using Headers = std::vector<std::pair<std::string, std::string>>;

// What came with an answer beside its bytes.
struct Trailers {
  std::multimap<std::string, std::string> initial;
  std::multimap<std::string, std::string> trailing;
};

class Connection {
 public:
  // A call with many messages in either direction.
  class Call {
   public:
    virtual ~Call() = default;
    // false: the call has ended, Finish tells why.
    virtual bool Write(const std::string& message) = 0;
    virtual bool WritesDone() = 0;
    virtual bool Read(std::string* message) = 0;
    // Ends it, if need be, and says how it ended.
    virtual void Cancel() = 0;
    virtual Status Finish(Trailers* trailers = nullptr) = 0;
  };

  // `headers` go with every call. No timeout: zero.
  Connection(const std::string& server, Headers headers, std::chrono::milliseconds timeout);
  ~Connection();

  // `more` go with this call beside the headers of all.
  Status Unary(const std::string& path, const std::string& request, std::string* response,
               Trailers* trailers = nullptr, const Headers& more = {});
  // Waits; if there is no connection, at most until there is one. A connection is made only while
  // somebody waits for it or for an answer.
  void Pause(std::chrono::milliseconds pause);
  // `limited`: the timeout holds for the whole call.
  std::unique_ptr<Call> Open(const std::string& path, bool limited);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

// Sends until the answer is final: after UNAVAILABLE, and where the server asks to come back later,
// again, at most `retries` times, with growing pauses. The request must be safe to repeat.
inline constexpr int kRetries = 5;
Status SendWithRetries(const std::function<Status()>& send,
                       const std::function<void(std::chrono::milliseconds)>& pause,
                       int retries = kRetries);

}  // namespace crm::ctl
