#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/log/log.h"
#include "libs/record/catalogue.h"
#include "libs/record/clock.h"
#include "libs/rpc/host.h"
#include "libs/runtime/settings.h"
#include "libs/runtime/shard_thread.h"
#include "libs/shard/behaviour.h"
#include "libs/store/store.h"

namespace crm::runtime {

// The code of one service, as main() lists it.
struct ServiceCode {
  std::string name;  // `sales`
  void (*register_behaviours)(shard::Behaviours&);
  // Other services whose records it needs: each shard keeps copies of them.
  std::vector<store::Followed> followed = {};
};

// Every shard that this process runs, on embedded logs:
//   <data>/log/<service>                       its log
//   <data>/projections/<service>/<partition>   its projections
class Shards final : public rpc::Host {
 public:
  // A service that a shard follows, as metrics see it.
  struct Following {
    std::string service;
    int partition = 0;
    int64_t applied = 0;
    int64_t end = 0;            // when it was asked last; -1: never
    int64_t current_as_of = 0;  // boottime since which something may be missing; 0: ever
    uint64_t skipped = 0;
  };
  // One shard as probes and metrics see it.
  struct State {
    std::string service;
    int partition = 0;
    bool owning = false;
    int64_t applied = 0;
    int64_t end = 0;                               // of the log; -1: it can not be told
    std::optional<store::Store::Loading> loading;  // while it is being rebuilt
    size_t queued = 0;
    int64_t last_turn = 0;
    std::string trouble;
    log::Follower::Counts counts;
    uint64_t claims_written = 0;
    std::vector<Following> following;
  };

  // The catalogue and the clock must outlive the shards.
  static record::Result<std::unique_ptr<Shards>> Open(const Settings& settings,
                                                      const std::vector<ServiceCode>& services,
                                                      const record::Catalogue& catalogue,
                                                      const record::Clock& clock);
  ~Shards() override;

  shard::Shard* Find(std::string_view service, std::string_view tenant) override;
  std::vector<std::string> Services() const override;

  std::vector<State> States() const;
  // Thread-safe. All own their partitions, and so have read everything that was there before.
  bool AllOwning() const;

  // Hands every partition over and puts the projections on disk.
  void HandOver();

 private:
  struct Unit;
  struct Service;
  Shards() = default;
  record::Result<record::Done> OpenLog(const Settings& settings, const std::string& service);
  record::Result<record::Done> OpenService(const Settings& settings, const ServiceCode& code,
                                           const record::Catalogue& catalogue,
                                           const record::Clock& clock);
  record::Result<record::Done> OpenUnit(const Settings& settings, int partition,
                                        const record::Catalogue& catalogue,
                                        const record::Clock& clock, Service* service);
  std::vector<shard::Source> SourcesOf(const Service& service, int partition) const;

  // By service: of those that run here, and of those that they follow.
  std::map<std::string, std::unique_ptr<log::Log>, std::less<>> logs_;
  std::map<std::string, std::unique_ptr<Service>, std::less<>> services_;
};

}  // namespace crm::runtime
