#include <utility>

#include "libs/rpc/server/endpoints.h"

namespace crm::rpc {

std::vector<Endpoint> DispatcherEndpoints(Dispatcher& dispatcher,
                                          const record::Catalogue& catalogue) {
  std::vector<Endpoint> endpoints;
  for (const record::Method* method : catalogue.Methods()) {
    Endpoint endpoint{method->path, {}};
    if (dispatcher.Streams(method->path)) {
      endpoint.serve =
          StreamFunction([&dispatcher](Call call) { return dispatcher.Open(std::move(call)); });
    } else {
      endpoint.serve = UnaryFunction([&dispatcher](Call call, std::function<void(Answer)> done) {
        dispatcher.Unary(std::move(call), std::move(done));
      });
    }
    endpoints.push_back(std::move(endpoint));
  }
  return endpoints;
}

}  // namespace crm::rpc
