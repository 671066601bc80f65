#include "libs/runtime/process.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <string>
#include <utility>

#include "libs/bucket/bucket.h"
#include "libs/record/built_in.h"
#include "libs/runtime/kafka_options.h"
#include "libs/runtime/listener.h"
#include "libs/runtime/room.h"
#include "libs/runtime/token_key.h"

namespace crm::runtime {
namespace {

void Append(std::vector<rpc::Endpoint> more, std::vector<rpc::Endpoint>* endpoints) {
  endpoints->insert(endpoints->end(), std::make_move_iterator(more.begin()),
                    std::make_move_iterator(more.end()));
}

struct Chosen {
  std::vector<ServiceCode> here;
  std::vector<std::string> elsewhere;
};

record::Result<Chosen> Choose(const Settings& settings, const std::vector<ServiceCode>& services) {
  std::vector<std::string> known;
  for (const ServiceCode& code : services) known.push_back(code.name);
  auto names = ServicesToRun(settings, known);
  if (!names) return names.error();
  Chosen chosen;
  for (ServiceCode code : services) {
    if (std::find(names->begin(), names->end(), code.name) == names->end()) {
      chosen.elsewhere.push_back(code.name);
      continue;
    }
    for (const ServiceCode& other : services) {
      if (other.name != code.name && other.followed_by_all)
        code.followed.push_back(*other.followed_by_all);
    }
    chosen.here.push_back(std::move(code));
  }
  return chosen;
}

// On Kafka every process may take snapshots of the same partitions into the same place.
std::string SnapshotName(const Settings& settings) {
  if (settings.log != "kafka") return {};
  std::string name = InstanceName(settings);
  std::replace(name.begin(), name.end(), '/', '_');
  return name;
}

record::Result<std::unique_ptr<store::SnapshotPlace>> SnapshotPlaceOf(const Settings& settings) {
  if (!bucket::IsBucket(settings.snapshot_to)) return store::FolderPlace(settings.snapshot_to);
  auto opened = bucket::OpenBucket({settings.snapshot_to, settings.snapshot_endpoint,
                                    settings.snapshot_region, settings.snapshot_access_key,
                                    settings.snapshot_secret_key});
  if (!opened) return record::Error{"--snapshot-to: " + opened.error().text};
  return opened;
}

// The 32 hex digits of the trace in a W3C traceparent.
std::string_view TraceOf(std::string_view traceparent) {
  constexpr size_t kAt = 3;
  constexpr size_t kLength = 32;
  return traceparent.size() < kAt + kLength ? std::string_view() : traceparent.substr(kAt, kLength);
}

}  // namespace

record::Result<std::unique_ptr<Process>> Process::Start(const Settings& settings,
                                                        const std::vector<ServiceCode>& services,
                                                        JsonLog& log) {
  auto chosen = Choose(settings, services);
  if (!chosen) return chosen.error();
  // Before joining anything: a second start on the same ports would take the running process's
  // place in the group, only to end.
  for (const auto& [flag, address] :
       {std::pair("--http", settings.http), std::pair("--grpc", settings.grpc)}) {
    auto free = ListenOn(address);
    if (!free) return record::Error{std::string(flag) + ": " + free.error().text};
  }
  std::unique_ptr<Process> process(new Process(settings, log));
  auto opened = process->OpenShards(chosen->here, chosen->elsewhere);
  if (!opened) return opened.error();
  auto listening = process->Listen();
  if (!listening) return listening.error();
  return process;
}

record::Result<record::Done> Process::OpenShards(const std::vector<ServiceCode>& services,
                                                 const std::vector<std::string>& elsewhere) {
  auto catalogue = record::BuiltInCatalogue();
  if (!catalogue) return catalogue.error();
  catalogue_ = std::move(catalogue).value();
  auto room = MakeFolderWithRoom(settings_.data);
  if (!room) return room.error();
  auto token_key = TokenKey(settings_, random_);
  if (!token_key) return token_key.error();
  if (!settings_.snapshot_to.empty()) {
    auto place = SnapshotPlaceOf(settings_);
    if (!place) return place.error();
    snapshots_ = std::make_unique<SnapshotTaker>(
        *std::move(place), SnapshotName(settings_), settings_.snapshot_every_s,
        static_cast<size_t>(settings_.snapshot_keep), log_);
  }
  auto shards = Shards::Open(
      settings_, services, elsewhere, *catalogue_, clock_,
      [this](log::KafkaLevel level, const std::string& text) { TellOfKafka(level, text); },
      snapshots_.get());
  if (!shards) return shards.error();
  shards_ = std::move(shards).value();

  rpc::DispatcherOptions options;
  options.trust_metadata = settings_.trust_metadata;
  options.founded_only = settings_.founded_only;
  options.identity_max_age_us = settings_.identity_max_age_s * 1'000'000;
  options.token_key = std::move(token_key).value();
  options.max_request_bytes = static_cast<size_t>(settings_.max_message_bytes);
  options.max_batch = static_cast<int>(settings_.max_batch);
  dispatcher_ =
      std::make_unique<rpc::Dispatcher>(std::move(options), *catalogue_, *shards_, clock_);
  if (shards_->has_peers()) {
    peers_ = std::make_unique<rpc::GrpcPeers>(clock_);
    relay_ = std::make_unique<rpc::Relay>(*dispatcher_, shards_->owners(), *peers_, clock_,
                                          AdvertisedAddress(settings_));
  }
  return record::Done{};
}

record::Result<record::Done> Process::Listen() {
  endpoints_ = relay_ ? rpc::RelayEndpoints(*relay_, *dispatcher_, *catalogue_)
                      : rpc::DispatcherEndpoints(*dispatcher_, *catalogue_);
  health_ = std::make_unique<rpc::Health>(rpc::ServicesOf(endpoints_));
  Append(health_->Endpoints(), &endpoints_);
  if (settings_.reflection) {
    reflection_ = std::make_unique<rpc::Reflection>(*catalogue_, rpc::ServicesOf(endpoints_));
    Append(reflection_->Endpoints(), &endpoints_);
  }
  call_metrics_ = std::make_unique<CallMetrics>(endpoints_);
  shard_metrics_ = std::make_unique<ShardMetrics>(*shards_, clock_);

  auto admin = Admin::Start(
      settings_.http,
      AdminPages(*catalogue_, *shards_, clock_, progress_,
                 {call_metrics_.get(), shard_metrics_.get(), &process_metrics_}, snapshots_.get()));
  if (!admin) return admin.error();
  admin_ = std::move(admin).value();

  rpc::ServerOptions options;
  options.address = settings_.grpc;
  // What gRPC itself refuses has no reason that a program could switch on, so it comes later.
  options.max_message_bytes = static_cast<size_t>(settings_.max_message_bytes) * 4;
  auto server = rpc::Server::Start(
      std::move(options), endpoints_,
      [this](const rpc::CallReport& report) { ReportCall(report, endpoints_); }, clock_);
  if (!server) return server.error();
  server_ = std::move(server).value();
  return record::Done{};
}

void Process::PublishSchema() {
  if (!shards_->has_peers()) return;
  const auto tell = [this](log::KafkaLevel level, const std::string& text) {
    TellOfKafka(level, text);
  };
  schema_ = std::make_unique<SchemaPublisher>(KafkaOptionsOf(settings_, "", tell),
                                              catalogue_->descriptors_sha256(),
                                              catalogue_->descriptors());
}

void Process::TellOfKafka(log::KafkaLevel level, const std::string& text) {
  const Level as = level == log::KafkaLevel::kInfo      ? Level::kInfo
                   : level == log::KafkaLevel::kWarning ? Level::kWarning
                                                        : Level::kError;
  if (level != log::KafkaLevel::kAlarm && !kafka_echoes_.IsNew(text)) return;
  log_.Write(as, text, {{"library", std::string_view("kafka")}});
}

void Process::ReportCall(const rpc::CallReport& report,
                         const std::vector<rpc::Endpoint>& endpoints) {
  call_metrics_->Observe(report);
  const bool internal = report.code == record::kInternal;
  const Level level = internal ? Level::kError : Level::kDebug;
  if (!log_.Writes(level)) return;
  const std::string_view path = report.endpoint < 0
                                    ? std::string_view()
                                    : endpoints[static_cast<size_t>(report.endpoint)].path;
  // An internal error's text is ours; others may quote what the client sent.
  log_.Write(level, internal ? report.message : std::string_view("call"),
             {{"service", rpc::ServiceOf(path)},
              {"method", rpc::MethodOf(path)},
              {"code", std::string_view(CodeName(report.code))},
              {"duration_us", report.duration_us},
              {"trace_id", TraceOf(report.traceparent)},
              {"tenant", report.tenant.substr(0, 63)}});
}

void Process::Refresh() {
  const std::string unready = shards_->Unready();
  const bool ready = unready.empty();
  ReportTrouble();
  if (!ready || !progress_.ready) rebuild_log_.Report(shards_->States(), clock_.Boottime());
  ReportParked();
  ReportFailing();
  if (ready && !progress_.started.exchange(true)) health_->Set(rpc::Health::kStartup, true);
  if (progress_.ready.exchange(ready) != ready) {
    health_->SetReady(ready);
    if (ready) log_.Write(Level::kInfo, "ready");
    if (!ready) log_.Write(Level::kWarning, "not ready", {{"reason", unready}});
  }
}

void Process::ReportTrouble() {
  if (trouble_reported_) return;
  for (const Shards::State& state : shards_->States()) {
    if (state.trouble.empty()) continue;
    trouble_reported_ = true;
    log_.Write(Level::kError, "a shard has stopped",
               {{"service", state.service},
                {"partition", int64_t{state.partition}},
                {"trouble", state.trouble}});
  }
}

// An alert for each event that a reactor gives up on, again if it is refused again.
void Process::ReportParked() {
  std::set<std::string> parked;
  for (const Shards::State& state : shards_->States()) {
    for (const shard::Reaction::Facts& facts : state.reactions) {
      for (const auto& each : facts.parked) {
        const std::string key = facts.reactor + " " + each.tenant + " " + each.cause;
        parked.insert(key);
        if (parked_reported_.contains(key)) continue;
        log_.Write(Level::kError, "a reactor has parked a tenant's events",
                   {{"service", state.service},
                    {"reactor", facts.reactor},
                    {"tenant", each.tenant},
                    {"cause", each.cause},
                    {"refusal", each.refusal}});
      }
    }
  }
  parked_reported_ = std::move(parked);
}

// The same for each delete or merge of which a step is refused, again if it is for another reason.
void Process::ReportFailing() {
  std::set<std::string> failing;
  for (const Shards::State& state : shards_->States()) {
    for (const auto& each : state.operations.failing) {
      const std::string key = each.tenant + " " + each.record + " " + each.refusal;
      failing.insert(key);
      if (failing_reported_.contains(key)) continue;
      log_.Write(Level::kError, "a step of a large delete or merge is refused",
                 {{"service", state.service},
                  {"tenant", each.tenant},
                  {"record", each.record},
                  {"refusal", each.refusal}});
    }
  }
  failing_reported_ = std::move(failing);
}

// Shards give their answers to what the server has: their threads end before it does.
Process::~Process() {
  if (shards_) shards_->HandOver();
}

void Process::StopWanting() {
  progress_.draining = true;
  health_->SetReady(false);
}

void Process::Leave() { shards_->Leave(); }

void Process::FinishCalls() {
  server_->Drain(std::chrono::milliseconds(settings_.drain_timeout_ms));
}

void Process::HandOver() { shards_->HandOver(); }

}  // namespace crm::runtime
