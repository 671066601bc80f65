#include "libs/rpc/server/endpoints.h"

#include <set>

namespace crm::rpc {

std::string_view ServiceOf(std::string_view path) {
  const size_t end = path.rfind('/');
  if (path.empty() || path[0] != '/' || end == 0) return {};
  return path.substr(1, end - 1);
}

std::string_view MethodOf(std::string_view path) { return path.substr(path.rfind('/') + 1); }

std::vector<std::string> ServicesOf(const std::vector<Endpoint>& endpoints) {
  std::set<std::string> services;
  for (const Endpoint& endpoint : endpoints) services.emplace(ServiceOf(endpoint.path));
  return {services.begin(), services.end()};
}

}  // namespace crm::rpc
