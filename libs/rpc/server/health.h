#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "libs/rpc/server/endpoints.h"

namespace crm::rpc {

// The state of the process and of each of its services, served as grpc.health.v1. Beside the
// services' names it knows `` (the process as a whole), `startup`, `readiness` and `liveness`.
// It must outlive the server.
class Health {
 public:
  static constexpr char kStartup[] = "startup";
  static constexpr char kReadiness[] = "readiness";
  static constexpr char kLiveness[] = "liveness";

  // Alive, and nothing else yet.
  explicit Health(const std::vector<std::string>& services);

  // Thread-safe. A name that is not known is added.
  void Set(const std::string& name, bool serving);
  // `readiness`, the process and all its services, at once.
  void SetReady(bool ready);

  std::vector<Endpoint> Endpoints();

 private:
  class WatchStream;
  using Ready = std::vector<std::function<void()>>;

  Answer Check(const Call& call);
  std::shared_ptr<Stream> Watch(const Call& call);
  // A grpc.health.v1.HealthCheckResponse.ServingStatus.
  int StateOf(const std::string& name) const;
  Ready CollectChanged();

  std::mutex mutex_;
  std::map<std::string, bool> serving_;
  std::vector<std::string> services_;
  std::set<WatchStream*> watches_;
};

}  // namespace crm::rpc
