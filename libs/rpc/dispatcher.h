#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "libs/record/catalogue.h"
#include "libs/record/clock.h"
#include "libs/record/status.h"
#include "libs/rpc/host.h"

// From a method's path and bytes to an answer's bytes, without any type of gRPC: the server, the
// fuzzer and the simulation call the same thing.
namespace crm::rpc {

using Metadata = std::vector<record::Metadatum>;

// One call as it arrived.
struct Call {
  std::string path;              // `/crm.sales.v1.Leads/CreateLead`
  Metadata metadata;             // keys in lower case
  std::string request;           // one message's bytes
  int64_t deadline = INT64_MAX;  // boottime in microseconds
  bool loopback = false;         // the listener is bound to a loopback address
};

// A partition that this process does not own, or no longer.
struct Elsewhere {
  std::string service;
  int partition = -1;
};

struct Answer {
  record::Status status;  // code 0: `body` is the response
  std::string body;
  Metadata initial;   // `crm-position`
  Metadata trailing;  // `crm-events` of validate_only
  // Nothing was done, because it is for another process to do (`status` says so, too).
  std::optional<Elsewhere> elsewhere = std::nullopt;
};

// The messages of a streaming method, pulled one by one.
class Stream {
 public:
  virtual ~Stream() = default;
  struct Item {
    bool end = false;
    record::Status status;  // at the end; code 0 for a regular one
    std::string message;    // otherwise
    Metadata trailing;      // at the end: `crm-position`, from which a new watch goes on
    std::optional<Elsewhere> elsewhere = std::nullopt;  // at the end, as in Answer
  };
  // What the client is told when the stream is open, before any message: `crm-identity-age`.
  // Nothing: it is not open, and Next() tells why. Asked for once at most, before Next(); calls
  // back as Next() does.
  virtual void Initial(std::function<void(std::optional<Metadata>)> done) { done(Metadata()); }
  // Calls back once, at once or later, from any thread. Not again before that.
  virtual void Next(std::function<void(Item)> done) = 0;
  // The client is gone, or the server wants to end it: a waiting Next is called back with the end.
  virtual void Cancel() = 0;
};

struct DispatcherOptions {
  bool trust_metadata = false;  // `crm-tenant` and `crm-user` say who calls, on loopback only
  std::string token_key;        // for page tokens
  size_t max_request_bytes = 4 << 20;
  int max_batch = 200;  // items of a batch; a commit holds at most 1,000
  int64_t identity_max_age_us =
      300'000'000;            // what is older of users and roles is good for nothing
  bool founded_only = false;  // a tenant that was never founded is closed, but for its founding
};

class Dispatcher {
 public:
  // All must outlive the dispatcher.
  Dispatcher(DispatcherOptions options, const record::Catalogue& catalogue, Host& host,
             const record::Clock& clock);
  ~Dispatcher();

  // A unary method. `done` is called once, on this or any other thread.
  void Unary(Call call, std::function<void(Answer)> done);
  // A streaming method; one that can not begin ends at once with its status.
  std::shared_ptr<Stream> Open(Call call);
  bool Streams(const std::string& path) const;
  // Calling it again does no harm, even if it is not known how the first call ended.
  bool MayRepeat(const Call& call) const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace crm::rpc
