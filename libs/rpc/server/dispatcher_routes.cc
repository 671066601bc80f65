#include <utility>

#include "libs/rpc/server/routes.h"

namespace crm::rpc {

std::vector<Route> DispatcherRoutes(Dispatcher& dispatcher, const record::Catalogue& catalogue) {
  std::vector<Route> routes;
  for (const record::Method* method : catalogue.Methods()) {
    Route route{method->path, {}};
    if (dispatcher.Streams(method->path)) {
      route.serve =
          StreamFunction([&dispatcher](Call call) { return dispatcher.Open(std::move(call)); });
    } else {
      route.serve = UnaryFunction([&dispatcher](Call call, std::function<void(Answer)> done) {
        dispatcher.Unary(std::move(call), std::move(done));
      });
    }
    routes.push_back(std::move(route));
  }
  return routes;
}

}  // namespace crm::rpc
