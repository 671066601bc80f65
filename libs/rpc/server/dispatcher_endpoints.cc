#include <utility>

#include "libs/rpc/server/endpoints.h"

namespace crm::rpc {
namespace {

// `server`: a Dispatcher or a Relay.
template <class Server>
std::vector<Endpoint> EndpointsOf(Server& server, const Dispatcher& dispatcher,
                                  const record::Catalogue& catalogue) {
  std::vector<Endpoint> endpoints;
  for (const record::Method* method : catalogue.Methods()) {
    Endpoint endpoint{method->path, {}};
    if (dispatcher.Streams(method->path)) {
      endpoint.serve =
          StreamFunction([&server](Call call) { return server.Open(std::move(call)); });
    } else {
      endpoint.serve = UnaryFunction([&server](Call call, std::function<void(Answer)> done) {
        server.Unary(std::move(call), std::move(done));
      });
    }
    endpoints.push_back(std::move(endpoint));
  }
  return endpoints;
}

}  // namespace

std::vector<Endpoint> DispatcherEndpoints(Dispatcher& dispatcher,
                                          const record::Catalogue& catalogue) {
  return EndpointsOf(dispatcher, dispatcher, catalogue);
}

std::vector<Endpoint> RelayEndpoints(Relay& relay, const Dispatcher& dispatcher,
                                     const record::Catalogue& catalogue) {
  return EndpointsOf(relay, dispatcher, catalogue);
}

}  // namespace crm::rpc
