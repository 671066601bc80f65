#include "libs/runtime/shards.h"

#include <filesystem>
#include <set>
#include <system_error>
#include <utility>

#include "libs/log/embedded.h"
#include "libs/runtime/placement.h"

namespace crm::runtime {

// In the order in which they depend on each other: the thread goes first.
struct Shards::Unit {
  std::unique_ptr<store::Store> store;
  record::SystemRandom random;
  std::unique_ptr<ShardThread> thread;
  std::unique_ptr<shard::Shard> shard;
};

struct Shards::Service {
  std::string name;
  shard::Behaviours behaviours;
  std::vector<store::Followed> followed;
  log::Log* log = nullptr;
  std::vector<std::unique_ptr<Unit>> units;  // by partition
};

namespace {

// Write buffers of one shard; the more, the less is merged again. All stores have a common limit,
// too.
constexpr size_t kStoreMemory = 256 << 20;

shard::Options OptionsOf(const Settings& settings, const std::string& service, int partition,
                         const record::Catalogue& catalogue) {
  shard::Options options;
  options.service = service;
  options.source = "/crm/" + service;
  options.dataschema = "crm:" + catalogue.descriptors_sha256() + "#crm." + service + ".v1.Event";
  options.limits.queue_commands_per_tenant =
      static_cast<size_t>(settings.queue_commands_per_tenant);
  options.limits.queue_commands = static_cast<size_t>(settings.queue_commands);
  options.owner.partition = partition;
  options.owner.address = settings.grpc;
  return options;
}

}  // namespace

record::Result<std::unique_ptr<Shards>> Shards::Open(const Settings& settings,
                                                     const std::vector<ServiceCode>& services,
                                                     const record::Catalogue& catalogue,
                                                     const record::Clock& clock) {
  std::unique_ptr<Shards> shards(new Shards());
  for (const ServiceCode& code : services) {
    auto opened = shards->OpenService(settings, code, catalogue, clock);
    if (!opened) return opened.error();
  }
  for (auto& [name, service] : shards->services_) {
    for (auto& unit : service->units) unit->thread->Start(*unit->shard);
  }
  return shards;
}

record::Result<record::Done> Shards::OpenLog(const Settings& settings, const std::string& service) {
  if (logs_.contains(service)) return record::Done{};
  log::EmbeddedOptions options;
  options.folder = settings.data + "/log/" + service;
  options.partitions = static_cast<int>(settings.partitions);
  std::error_code failed;
  std::filesystem::create_directories(options.folder, failed);
  if (failed) return record::Error{options.folder + ": " + failed.message()};
  auto log = log::OpenEmbedded(options);
  if (!log) return log.error();
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
      others.insert(PartitionOf(tenant, log->partitions()));
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
                                                 const record::Clock& clock) {
  auto service = std::make_unique<Service>();
  service->name = code.name;
  service->followed = code.followed;
  code.register_behaviours(service->behaviours);
  auto opened_log = OpenLog(settings, code.name);
  for (const store::Followed& followed : code.followed) {
    if (opened_log) opened_log = OpenLog(settings, followed.service);
  }
  if (!opened_log) return opened_log.error();
  service->log = logs_[code.name].get();
  for (int partition = 0; partition < service->log->partitions(); ++partition) {
    auto opened = OpenUnit(settings, partition, catalogue, clock, service.get());
    if (!opened) return opened;
  }
  services_[code.name] = std::move(service);
  return record::Done{};
}

record::Result<record::Done> Shards::OpenUnit(const Settings& settings, int partition,
                                              const record::Catalogue& catalogue,
                                              const record::Clock& clock, Service* service) {
  auto unit = std::make_unique<Unit>();
  store::StoreOptions options;
  options.memory_bytes = kStoreMemory;
  options.path = settings.data + "/projections/" + service->name + "/" + std::to_string(partition);
  std::error_code failed;
  std::filesystem::create_directories(options.path, failed);
  if (failed) return record::Error{options.path + ": " + failed.message()};
  options.service = service->name;
  options.followed = service->followed;
  auto opened = store::Store::Open(options, catalogue);
  if (!opened) return opened.error();
  unit->store = std::move(opened).value();
  unit->thread = std::make_unique<ShardThread>(clock);
  auto shard_options = OptionsOf(settings, service->name, partition, catalogue);
  shard_options.followed = service->followed;
  shard_options.sources = SourcesOf(*service, partition);
  unit->shard = std::make_unique<shard::Shard>(
      std::move(shard_options), catalogue, service->behaviours, *service->log, *unit->store, clock,
      unit->random, [thread = unit->thread.get()] { thread->Wake(); });
  service->units.push_back(std::move(unit));
  return record::Done{};
}

Shards::~Shards() { HandOver(); }

shard::Shard* Shards::Find(std::string_view service, std::string_view tenant) {
  const auto found = services_.find(service);
  if (found == services_.end()) return nullptr;
  auto& units = found->second->units;
  const int partition = PartitionOf(tenant, static_cast<int>(units.size()));
  return units[static_cast<size_t>(partition)]->shard.get();
}

std::vector<std::string> Shards::Services() const {
  std::vector<std::string> names;
  for (const auto& [name, service] : services_) names.push_back(name);
  return names;
}

std::vector<Shards::State> Shards::States() const {
  std::vector<State> states;
  for (const auto& [name, service] : services_) {
    for (const auto& unit : service->units) {
      State state;
      state.service = name;
      state.partition = unit->shard->partition();
      state.owning = unit->shard->owning();
      state.applied = unit->shard->applied();
      const auto end = service->log->End(state.partition);
      state.end = end ? *end : -1;
      state.loading = unit->store->loading();
      state.queued = unit->shard->queued();
      state.last_turn = unit->thread->last_turn();
      if (unit->thread->in_trouble()) state.trouble = unit->thread->trouble();
      state.counts = unit->thread->counts();
      state.claims_written = unit->thread->claims_written();
      for (const auto& each : unit->shard->replications()) {
        state.following.push_back({each->source().service, each->source().partition,
                                   each->applied(), each->end(), each->current_as_of(),
                                   each->skipped()});
      }
      states.push_back(std::move(state));
    }
  }
  return states;
}

bool Shards::AllOwning() const {
  for (const auto& [name, service] : services_) {
    for (const auto& unit : service->units) {
      if (!unit->shard->owning() || unit->thread->in_trouble()) return false;
    }
  }
  return true;
}

void Shards::HandOver() {
  for (auto& [name, service] : services_) {
    for (auto& unit : service->units) unit->thread->HandOver();
  }
  for (auto& [name, service] : services_) {
    for (auto& unit : service->units) {
      unit->thread->Join();
      unit->store->Flush();
    }
  }
}

}  // namespace crm::runtime
