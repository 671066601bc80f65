#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "libs/record/catalogue.h"
#include "libs/rpc/dispatcher.h"
#include "libs/rpc/relay.h"

// What the server serves: each method's path and the function behind it, free of gRPC's types.
namespace crm::rpc {

// One request, one answer; `done` is called once, on this or any other thread.
using UnaryFunction = std::function<void(Call, std::function<void(Answer)> done)>;

// One request, a stream of messages.
using StreamFunction = std::function<std::shared_ptr<Stream>(Call)>;

// Requests that come one by one, each answered before the next is read.
class Conversation {
 public:
  virtual ~Conversation() = default;
  // The answer's bytes; nullopt if the request is no message of its type, which ends the call.
  virtual std::optional<std::string> Reply(std::string_view request) = 0;
};
using ConversationFunction = std::function<std::unique_ptr<Conversation>()>;

struct Endpoint {
  std::string path;  // `/crm.sales.v1.Leads/CreateLead`
  std::variant<UnaryFunction, StreamFunction, ConversationFunction> serve;
};

// Every method of the catalogue, served by the dispatcher, which must outlive the endpoints.
std::vector<Endpoint> DispatcherEndpoints(Dispatcher& dispatcher,
                                          const record::Catalogue& catalogue);
// The same where other processes may own a partition: calls go through the relay.
std::vector<Endpoint> RelayEndpoints(Relay& relay, const Dispatcher& dispatcher,
                                     const record::Catalogue& catalogue);

// `crm.sales.v1.Leads` of `/crm.sales.v1.Leads/CreateLead`.
std::string_view ServiceOf(std::string_view path);
// `CreateLead` of the same.
std::string_view MethodOf(std::string_view path);
// The services of the endpoints, each once.
std::vector<std::string> ServicesOf(const std::vector<Endpoint>& endpoints);

}  // namespace crm::rpc
