#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/log/kafka.h"
#include "libs/log/kafka_owners.h"
#include "libs/log/log.h"
#include "libs/record/catalogue.h"
#include "libs/record/clock.h"
#include "libs/rpc/host.h"
#include "libs/rpc/owners.h"
#include "libs/runtime/settings.h"
#include "libs/runtime/shard_thread.h"
#include "libs/runtime/snapshot_taker.h"
#include "libs/shard/behaviour.h"
#include "libs/store/store.h"

namespace crm::runtime {

// The code of one service, as main() lists it.
struct ServiceCode {
  std::string name;  // `sales`
  void (*register_behaviours)(shard::Behaviours&);
  // Other services whose records it needs: each shard keeps copies of them.
  std::vector<store::Followed> followed = {};
  // What all other services of the program keep copies of, of its records: nobody has to say so of
  // each, and none can be forgotten.
  std::optional<store::Followed> followed_by_all = std::nullopt;
};

// Every shard that this process runs:
//   <data>/log/<service>                       its log, if that is embedded
//   <data>/projections/<service>/<partition>   its projections
// On the embedded log all partitions are this process's own; on Kafka they are those that it is
// assigned, and it follows others.
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
    bool assigned = true;
    bool follows = true;  // what others own
    bool owning = false;
    bool caught_up = false;  // has applied what the log held a moment ago
    int64_t applied = 0;
    int64_t end = 0;  // of the log, as far as is known; -1: it can not be told
    std::optional<store::Store::Loading> loading;  // while it is being rebuilt
    std::vector<store::Store::Building> building;
    uint64_t parked = 0;  // tenants
    size_t queued = 0;
    int64_t last_turn = 0;
    std::string trouble;
    log::Follower::Counts counts;
    uint64_t claims_written = 0;
    std::vector<Following> following;
    std::vector<shard::Reaction::Facts> reactions;
    shard::Operations::Facts operations;
    shard::Timers::Facts timers;
  };

  // The catalogue and the clock must outlive the shards, and so must `snapshots`, if there are any.
  // `tell`: what the Kafka client has to say. `elsewhere`: services that only others may run; on
  // Kafka, calls of theirs are passed on.
  static record::Result<std::unique_ptr<Shards>> Open(
      const Settings& settings, const std::vector<ServiceCode>& services,
      const std::vector<std::string>& elsewhere, const record::Catalogue& catalogue,
      const record::Clock& clock, log::KafkaTell tell, SnapshotTaker* snapshots = nullptr);
  ~Shards() override;

  rpc::Place Find(std::string_view service, std::string_view tenant) override;
  std::vector<std::string> Services() const override;

  // Asks no other machine anything.
  std::vector<State> States() const;
  // Thread-safe. Empty: what is this process's own is owned, and so has been caught up with;
  // without anything of its own, what it follows has been caught up with. Else what is not so.
  std::string Unready() const;
  // Why it will not become ready by itself; empty: it may.
  std::string trouble() const;

  // Other processes may own what this one does not.
  bool has_peers() const { return has_peers_; }
  rpc::Owners& owners() { return owners_; }
  // Leaves what others can take over to them, and goes on following. A service whose brokers do not
  // answer is given up at once: what was not answered yet is refused, and nothing is handed over.
  void Leave();
  // Hands every partition over and puts the projections on disk.
  void HandOver();

 private:
  struct Unit;
  struct Service;
  Shards(const record::Clock& clock, SnapshotTaker* snapshots);
  record::Result<record::Done> OpenLog(const Settings& settings, const std::string& service,
                                       const log::KafkaTell& tell);
  record::Result<record::Done> SeekOwners(const Settings& settings, const std::string& service,
                                          const log::KafkaTell& tell);
  record::Result<record::Done> Start(const Settings& settings, const log::KafkaTell& tell,
                                     Service* service);
  void GiveUpSilent();
  State StateOf(const Service& service, const Unit& unit) const;
  record::Result<record::Done> OpenService(const Settings& settings, const ServiceCode& code,
                                           const record::Catalogue& catalogue,
                                           const log::KafkaTell& tell);
  record::Result<record::Done> OpenUnit(const Settings& settings, int partition,
                                        const record::Catalogue& catalogue, Service* service);
  std::vector<shard::Source> SourcesOf(const Service& service, int partition) const;

  const record::Clock& clock_;
  SnapshotTaker* const snapshots_;
  bool has_peers_ = false;
  rpc::Owners owners_;
  // By service: of those that run here, and of those that they follow.
  std::map<std::string, std::unique_ptr<log::Log>, std::less<>> logs_;
  std::map<std::string, std::unique_ptr<Service>, std::less<>> services_;
  // Of services that do not run here: whom their calls are passed on to.
  std::map<std::string, std::unique_ptr<log::KafkaOwners>, std::less<>> elsewhere_;
};

}  // namespace crm::runtime
