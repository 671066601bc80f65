#include "libs/runtime/process.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <string>
#include <utility>

#include "libs/record/built_in.h"
#include "libs/runtime/token_key.h"

namespace crm::runtime {
namespace {

void Append(std::vector<rpc::Endpoint> more, std::vector<rpc::Endpoint>* endpoints) {
  endpoints->insert(endpoints->end(), std::make_move_iterator(more.begin()),
                    std::make_move_iterator(more.end()));
}

record::Result<std::vector<ServiceCode>> Wanted(const Settings& settings,
                                                const std::vector<ServiceCode>& services) {
  std::vector<std::string> known;
  for (const ServiceCode& code : services) known.push_back(code.name);
  auto names = ServicesToRun(settings, known);
  if (!names) return names.error();
  std::vector<ServiceCode> wanted;
  for (const ServiceCode& code : services) {
    if (std::find(names->begin(), names->end(), code.name) != names->end()) wanted.push_back(code);
  }
  return wanted;
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
  auto wanted = Wanted(settings, services);
  if (!wanted) return wanted.error();
  std::unique_ptr<Process> process(new Process(settings, log));
  auto opened = process->OpenShards(*wanted);
  if (!opened) return opened.error();
  auto listening = process->Listen();
  if (!listening) return listening.error();
  return process;
}

record::Result<record::Done> Process::OpenShards(const std::vector<ServiceCode>& services) {
  auto catalogue = record::BuiltInCatalogue();
  if (!catalogue) return catalogue.error();
  catalogue_ = std::move(catalogue).value();
  auto token_key = TokenKey(settings_, random_);
  if (!token_key) return token_key.error();
  auto shards = Shards::Open(settings_, services, *catalogue_, clock_);
  if (!shards) return shards.error();
  shards_ = std::move(shards).value();

  rpc::DispatcherOptions options;
  options.trust_metadata = settings_.trust_metadata;
  options.founded_only = settings_.founded_only;
  options.token_key = std::move(token_key).value();
  options.max_request_bytes = static_cast<size_t>(settings_.max_message_bytes);
  options.max_batch = static_cast<int>(settings_.max_batch);
  dispatcher_ =
      std::make_unique<rpc::Dispatcher>(std::move(options), *catalogue_, *shards_, clock_);
  return record::Done{};
}

record::Result<record::Done> Process::Listen() {
  endpoints_ = rpc::DispatcherEndpoints(*dispatcher_, *catalogue_);
  health_ = std::make_unique<rpc::Health>(rpc::ServicesOf(endpoints_));
  Append(health_->Endpoints(), &endpoints_);
  if (settings_.reflection) {
    reflection_ = std::make_unique<rpc::Reflection>(*catalogue_, rpc::ServicesOf(endpoints_));
    Append(reflection_->Endpoints(), &endpoints_);
  }
  call_metrics_ = std::make_unique<CallMetrics>(endpoints_);
  shard_metrics_ = std::make_unique<ShardMetrics>(*shards_, clock_);

  auto admin = Admin::Start(
      settings_.http, AdminPages(*catalogue_, *shards_, clock_, progress_,
                                 {call_metrics_.get(), shard_metrics_.get(), &process_metrics_}));
  if (!admin) return admin.error();
  admin_ = std::move(admin).value();

  rpc::ServerOptions options;
  options.address = settings_.grpc;
  options.max_message_bytes = static_cast<size_t>(settings_.max_message_bytes);
  auto server = rpc::Server::Start(
      std::move(options), endpoints_,
      [this](const rpc::CallReport& report) { ReportCall(report, endpoints_); }, clock_);
  if (!server) return server.error();
  server_ = std::move(server).value();
  return record::Done{};
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
  const bool ready = shards_->AllOwning();
  ReportTrouble();
  if (ready && !progress_.started.exchange(true)) health_->Set(rpc::Health::kStartup, true);
  if (progress_.ready.exchange(ready) != ready) {
    health_->SetReady(ready);
    log_.Write(ready ? Level::kInfo : Level::kWarning, ready ? "ready" : "not ready");
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

void Process::StopWanting() {
  progress_.draining = true;
  health_->SetReady(false);
}

void Process::FinishCalls() {
  server_->Drain(std::chrono::milliseconds(settings_.drain_timeout_ms));
}

void Process::HandOver() { shards_->HandOver(); }

}  // namespace crm::runtime
