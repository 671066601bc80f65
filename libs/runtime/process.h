#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "libs/record/catalogue.h"
#include "libs/record/clock.h"
#include "libs/rpc/dispatcher.h"
#include "libs/rpc/relay.h"
#include "libs/rpc/server/grpc_peers.h"
#include "libs/rpc/server/health.h"
#include "libs/rpc/server/reflection.h"
#include "libs/rpc/server/server.h"
#include "libs/runtime/admin.h"
#include "libs/runtime/call_metrics.h"
#include "libs/runtime/echoes.h"
#include "libs/runtime/json_log.h"
#include "libs/runtime/pages.h"
#include "libs/runtime/process_metrics.h"
#include "libs/runtime/rebuild.h"
#include "libs/runtime/schema_publisher.h"
#include "libs/runtime/settings.h"
#include "libs/runtime/shard_metrics.h"
#include "libs/runtime/shards.h"

namespace crm::runtime {

// Everything of one server process, from what it stores to what it listens on.
class Process {
 public:
  // The log must outlive the process.
  static record::Result<std::unique_ptr<Process>> Start(const Settings& settings,
                                                        const std::vector<ServiceCode>& services,
                                                        JsonLog& log);
  ~Process();

  // Tells readers of the topics what decodes them, on Kafka; goes on trying until it succeeds.
  // Comes after Start(), since nothing that is served hangs on it and the broker may take its time.
  void PublishSchema();

  // Looks at the shards and says to clients and probes how they are; to be called now and then.
  void Refresh();
  bool ready() const { return progress_.ready; }
  // Why it will not become ready again, and should end; empty: it may.
  std::string trouble() const { return shards_->trouble(); }

  // In this order, when the process is to stop: no new clients are wanted; others take over what
  // they can; the calls in flight are finished; the other partitions are handed over and the
  // projections are on disk.
  void StopWanting();
  void Leave();  // what others can take over; calls are passed on to them
  void FinishCalls();
  void HandOver();

  int grpc_port() const { return server_->port(); }
  int http_port() const { return admin_->port(); }

 private:
  Process(const Settings& settings, JsonLog& log)
      : settings_(settings), log_(log), rebuild_log_(log) {}
  record::Result<record::Done> OpenShards(const std::vector<ServiceCode>& services,
                                          const std::vector<std::string>& elsewhere);
  record::Result<record::Done> Listen();
  void ReportCall(const rpc::CallReport& report, const std::vector<rpc::Endpoint>& endpoints);
  void ReportTrouble();
  void TellOfKafka(log::KafkaLevel level, const std::string& text);
  void ReportParked();
  void ReportFailing();

  // In the order in which they need each other.
  const Settings settings_;
  JsonLog& log_;
  record::SystemClock clock_;
  record::SystemRandom random_;
  Progress progress_;
  bool trouble_reported_ = false;
  RebuildLog rebuild_log_;
  Echoes kafka_echoes_;
  std::set<std::string> parked_reported_;   // reactor, tenant and cause
  std::set<std::string> failing_reported_;  // tenant, record and refusal
  std::unique_ptr<record::Catalogue> catalogue_;
  std::unique_ptr<SnapshotTaker> snapshots_;
  std::unique_ptr<Shards> shards_;
  std::unique_ptr<rpc::Dispatcher> dispatcher_;
  std::unique_ptr<rpc::GrpcPeers> peers_;  // these two only where there are others
  std::unique_ptr<rpc::Relay> relay_;
  std::unique_ptr<rpc::Health> health_;
  std::unique_ptr<rpc::Reflection> reflection_;
  std::unique_ptr<CallMetrics> call_metrics_;
  std::unique_ptr<ShardMetrics> shard_metrics_;
  ProcessMetrics process_metrics_;
  std::vector<rpc::Endpoint> endpoints_;
  std::unique_ptr<Admin> admin_;
  std::unique_ptr<rpc::Server> server_;
  std::unique_ptr<SchemaPublisher> schema_;  // on Kafka
};

}  // namespace crm::runtime
