#include "libs/runtime/shards.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <future>
#include <set>
#include <system_error>
#include <utility>

#include "libs/log/copy_end.h"
#include "libs/log/embedded.h"
#include "libs/log/placement.h"
#include "libs/rpc/server/completer.h"
#include "libs/runtime/kafka_options.h"
#include "libs/runtime/kept_projections.h"
#include "libs/runtime/room.h"
#include "libs/runtime/shards_parts.h"

namespace crm::runtime {

namespace {

// Write buffers of one shard; the more, the less is merged again. All stores have a common limit,
// too.
constexpr size_t kStoreMemory = 256 << 20;
// While services are left, whether their brokers answer still.
constexpr auto kLookEvery = std::chrono::milliseconds(20);

shard::Options OptionsOf(const Settings& settings, const std::string& service, int partition,
                         const record::Catalogue& catalogue) {
  shard::Options options;
  options.service = service;
  options.source = "/crm/" + service;
  options.dataschema = "crm:" + catalogue.descriptors_sha256() + "#crm." + service + ".v1.Event";
  options.limits.queue_commands_per_tenant =
      static_cast<size_t>(settings.queue_commands_per_tenant);
  options.limits.queue_commands = static_cast<size_t>(settings.queue_commands);
  options.owner.source = options.source;
  options.owner.dataschema = options.dataschema;
  options.owner.partition = partition;
  options.owner.address = AdvertisedAddress(settings);
  return options;
}

record::Result<std::unique_ptr<log::Log>> OpenInFolder(const Settings& settings,
                                                       const std::string& service) {
  log::EmbeddedOptions options;
  options.folder = settings.data + "/log/" + service;
  options.partitions = static_cast<int>(settings.partitions);
  std::error_code failed;
  std::filesystem::create_directories(options.folder, failed);
  if (failed) return record::Error{options.folder + ": " + failed.message()};
  return log::OpenEmbedded(options);
}

}  // namespace

record::Result<std::unique_ptr<Shards>> Shards::Open(
    const Settings& settings, const std::vector<ServiceCode>& services,
    const std::vector<std::string>& elsewhere, const record::Catalogue& catalogue,
    const record::Clock& clock, log::KafkaTell tell, SnapshotTaker* snapshots) {
  std::unique_ptr<Shards> shards(new Shards(clock, snapshots));
  shards->has_peers_ = settings.log == "kafka";
  for (ServiceCode code : services) {
    std::erase_if(code.followed, [&](const store::Followed& followed) {
      return followed.unless_beside && !shards->has_peers_ &&
             std::any_of(services.begin(), services.end(),
                         [&](const ServiceCode& other) { return other.name == followed.service; });
    });
    auto opened = shards->OpenService(settings, code, catalogue, tell);
    if (!opened) return opened.error();
  }
  // Of all services, before any of them writes or joins anything.
  for (auto& [name, service] : shards->services_) {
    std::vector<store::Store*> stores;
    for (auto& unit : service->units) stores.push_back(unit->store.get());
    auto kept = CheckKeptProjections(*service->log, stores,
                                     shards->has_peers_ ? "--kafka-prefix" : "--log");
    if (!kept) return kept.error();
  }
  for (auto& [name, service] : shards->services_) {
    auto started = shards->Start(settings, tell, service.get());
    if (!started) return started.error();
  }
  for (const std::string& service : elsewhere) {
    if (!shards->has_peers_) break;
    auto sought = shards->SeekOwners(settings, service, tell);
    if (!sought) return sought.error();
  }
  if (snapshots) snapshots->Start();
  return shards;
}

// All services have as many partitions, so those of one that runs here say how many.
record::Result<record::Done> Shards::SeekOwners(const Settings& settings,
                                                const std::string& service,
                                                const log::KafkaTell& tell) {
  log::KafkaOwners::Options options;
  options.kafka = KafkaOptionsOf(settings, service, tell);
  options.topic = TopicOf(settings, service, "owners");
  options.partitions = services_.begin()->second->log->partitions();
  auto owners = log::KafkaOwners::Open(
      std::move(options), {[this, service](const log::KafkaOwners::Entry& entry) {
                             owners_.Set(service, entry.partition, entry.claim, entry.address);
                           },
                           [this] { owners_.Expire(clock_.Boottime()); }});
  if (!owners) return owners.error();
  elsewhere_[service] = std::move(owners).value();
  return record::Done{};
}

record::Result<record::Done> Shards::Start(const Settings& settings, const log::KafkaTell& tell,
                                           Service* service) {
  if (!has_peers_) {
    for (auto& unit : service->units) unit->thread->Start(*unit->shard, ShardThread::Part::kOwner);
    return record::Done{};
  }
  Membership::Options options;
  options.service = service->name;
  options.address = AdvertisedAddress(settings);
  options.standbys = StandbysOf(settings);
  options.owners.kafka = KafkaOptionsOf(settings, service->name, tell);
  options.owners.topic = TopicOf(settings, service->name, "owners");
  options.owners.partitions = service->log->partitions();
  options.group.kafka = options.owners.kafka;
  options.group.topic = options.owners.topic;
  options.group.group = settings.kafka_prefix + "." + service->name;
  options.group.instance = InstanceName(settings);
  options.silent = [log = service->log] { return log->silent(); };
  std::vector<std::pair<shard::Shard*, ShardThread*>> shards;
  for (auto& unit : service->units) shards.emplace_back(unit->shard.get(), unit->thread.get());
  auto joined = Membership::Join(std::move(options), std::move(shards), owners_, clock_);
  if (!joined) return joined.error();
  service->membership = std::move(joined).value();
  return record::Done{};
}

record::Result<record::Done> Shards::OpenLog(const Settings& settings, const std::string& service,
                                             const log::KafkaTell& tell) {
  if (logs_.contains(service)) return record::Done{};
  auto log = has_peers_ ? log::OpenKafka(KafkaOptionsOf(settings, service, tell))
                        : OpenInFolder(settings, service);
  if (!log) return log.error();
  // One that can not be asked now is no reason against starting.
  const auto whole = log::CheckCopyEnded(**log);
  if (!whole && !whole.error().retry) {
    return record::Error{"the log of " + service + " is not whole: " + whole.error().text};
  }
  logs_[service] = std::move(log).value();
  return record::Done{};
}

// The same partition of each followed log, and the one of the tenants that belong to all.
std::vector<shard::Source> Shards::SourcesOf(const Service& service, int partition) const {
  std::vector<shard::Source> sources;
  for (const store::Followed& followed : service.followed) {
    log::Log* log = logs_.find(followed.service)->second.get();
    std::set<int> others;
    for (const std::string& tenant : followed.everywhere) {
      others.insert(log::PartitionOf(tenant, log->partitions()));
    }
    sources.push_back({followed.service, partition, true, log});
    for (const int other : others) {
      if (other != partition) sources.push_back({followed.service, other, false, log});
    }
  }
  return sources;
}

record::Result<record::Done> Shards::OpenService(const Settings& settings, const ServiceCode& code,
                                                 const record::Catalogue& catalogue,
                                                 const log::KafkaTell& tell) {
  auto service = std::make_unique<Service>();
  service->name = code.name;
  service->followed = code.followed;
  code.register_behaviours(service->behaviours);
  auto opened_log = OpenLog(settings, code.name, tell);
  for (const store::Followed& followed : code.followed) {
    if (opened_log) opened_log = OpenLog(settings, followed.service, tell);
  }
  for (const shard::Reactor& reactor : service->behaviours.reactors()) {
    if (opened_log) opened_log = OpenLog(settings, reactor.service, tell);
  }
  if (!opened_log) return opened_log.error();
  service->log = logs_[code.name].get();
  for (int partition = 0; partition < service->log->partitions(); ++partition) {
    auto opened = OpenUnit(settings, partition, catalogue, service.get());
    if (!opened) return opened;
  }
  services_[code.name] = std::move(service);
  return record::Done{};
}

record::Result<record::Done> Shards::OpenUnit(const Settings& settings, int partition,
                                              const record::Catalogue& catalogue,
                                              Service* service) {
  auto unit = std::make_unique<Unit>();
  store::StoreOptions options;
  options.memory_bytes = kStoreMemory;
  options.path = settings.data + "/projections/" + service->name + "/" + std::to_string(partition);
  std::error_code failed;
  std::filesystem::create_directories(options.path, failed);
  if (failed) return record::Error{options.path + ": " + failed.message()};
  options.service = service->name;
  options.followed = service->followed;
  if (snapshots_) {
    snapshots_->Restore(service->name, partition, options, catalogue, *service->log);
  }
  auto opened = store::Store::Open(options, catalogue);
  if (!opened) return opened.error();
  unit->store = std::move(opened).value();
  if (snapshots_) snapshots_->Add(service->name, partition, *unit->store);
  unit->thread = std::make_unique<ShardThread>(clock_);
  auto shard_options = OptionsOf(settings, service->name, partition, catalogue);
  shard_options.followed = service->followed;
  shard_options.giving = rpc::Completer::Together;
  shard_options.sources = SourcesOf(*service, partition);
  for (const shard::Reactor& reactor : service->behaviours.reactors()) {
    shard_options.reacting[reactor.name] = {reactor.service, partition, true,
                                            logs_[reactor.service].get()};
  }
  unit->shard = std::make_unique<shard::Shard>(
      std::move(shard_options), catalogue, service->behaviours, *service->log, *unit->store, clock_,
      unit->random, [thread = unit->thread.get()] { thread->Wake(); });
  service->units.push_back(std::move(unit));
  return record::Done{};
}

Shards::Shards(const record::Clock& clock, SnapshotTaker* snapshots)
    : clock_(clock), snapshots_(snapshots) {}

// A log that waits for a broker's answer is not to hold the others up.
Shards::~Shards() {
  HandOver();
  elsewhere_.clear();
  services_.clear();
  std::vector<std::future<void>> closed;
  for (auto& [name, log] : logs_)
    closed.push_back(std::async(std::launch::async, [&log] { log.reset(); }));
}

rpc::Place Shards::Find(std::string_view service, std::string_view tenant) {
  const auto found = services_.find(service);
  if (found == services_.end()) {
    const auto other = elsewhere_.find(service);
    if (other == elsewhere_.end()) return {};
    const int partitions = services_.begin()->second->log->partitions();
    return {other->first, log::PartitionOf(tenant, partitions), nullptr, false};
  }
  auto& units = found->second->units;
  const int partition = log::PartitionOf(tenant, static_cast<int>(units.size()));
  shard::Shard* shard = units[static_cast<size_t>(partition)]->shard.get();
  return {found->first, partition, shard, !has_peers_ || shard->owning()};
}

std::vector<std::string> Shards::Services() const {
  std::vector<std::string> names;
  for (const auto& [name, service] : services_) names.push_back(name);
  return names;
}

// All groups at once: each takes some round trips, and may wait for a successor.
void Shards::Leave() {
  std::vector<std::future<void>> left;
  for (auto& [name, service] : services_) {
    if (!service->membership) continue;
    left.push_back(std::async(std::launch::async,
                              [membership = service->membership.get()] { membership->Leave(); }));
  }
  for (auto& each : left) {
    while (each.wait_for(kLookEvery) != std::future_status::ready) GiveUpSilent();
  }
  GiveUpSilent();
}

// Whether the brokers answer is only known of those who are asked something.
void Shards::GiveUpSilent() {
  for (auto& [name, service] : services_) {
    if (!service->membership) continue;
    if (!service->log->silent()) {
      if (!service->asked->exchange(true)) {
        service->log->Aside([asked = service->asked, log = service->log] {
          static_cast<void>(log->End(0));
          *asked = false;
        });
      }
      continue;
    }
    service->log->StopWaiting();
    for (auto& unit : service->units) unit->thread->Abandon();
  }
}

void Shards::HandOver() {
  if (snapshots_) snapshots_->Stop();
  Leave();
  for (auto& [name, service] : services_) {
    for (auto& unit : service->units) unit->thread->HandOver();
  }
  for (auto& [name, service] : services_) {
    for (auto& unit : service->units) {
      unit->thread->Join();
      // Else the next start reads a little more from the log.
      if (HasRoomToFlush(unit->store->path())) unit->store->Flush();
    }
  }
}

}  // namespace crm::runtime
