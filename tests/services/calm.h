#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "libs/log/seeded.h"
#include "libs/log/simulated.h"
#include "libs/record/image.h"
#include "libs/record/name.h"
#include "libs/record/spans.h"
#include "libs/shard/shard.h"
#include "tests/services/test_catalogue.h"

// Several services' shards on calm logs in memory, all in one thread.
namespace crm::services {

inline constexpr char kTenant[] = "acme";
inline constexpr char kUser[] = "users/01920000-0000-7000-8000-0000000000aa";

// A record's name with the number in its id.
inline std::string NameOf(const std::string& collection, uint64_t number) {
  return collection + "/" + record::MakeUuidV7(1'700'000'000'000'000, 1, number).Text();
}

class Calm;

// One process's shard of a service, with a disk that stays when it crashes.
class Node {
 public:
  Node(Calm& calm, std::string service, int partition) : calm_(calm) {
    options_.service = std::move(service);
    options_.owner.partition = partition;
  }
  ~Node() { Crash(); }

  // Before Start.
  shard::Behaviours behaviours;
  void Follow(store::Followed followed, std::vector<int> partitions = {0});

  // The behaviours' reactor of this name reads this log.
  void React(const std::string& reactor, const std::string& service);
  void Start(bool assigned = true);
  void Assign(bool assigned) { shard_->Assign(assigned); }
  // What was not flushed is gone.
  void Crash() {
    if (shard_) shard_->Stop();
    shard_.reset();
    store_.reset();
  }
  bool Step() { return shard_ && shard_->Step(); }
  // A record's image by its name, of all records of a type.
  std::map<std::string, std::string> All(const std::string& collection,
                                         const std::string& tenant = kTenant) const {
    std::map<std::string, std::string> all;
    const auto known = store_->latest().Tenant(tenant);
    const auto* type = TheCatalogue().FindType(collection);
    if (!known) return all;
    for (auto at = store_->latest().Scan({known->number, type->number, 0, "", ""}); at->Valid();
         at->Next()) {
      all[collection + "/" + at->id().Text()] =
          *store_->latest().Record({known->number, type->number, at->id()});
    }
    return all;
  }
  // An operator's word on the tenant's parked events.
  shard::Outcome Order(const std::string& reactor, bool skip, const std::string& tenant = kTenant);
  bool running() const { return shard_ != nullptr; }
  shard::Shard& shard() { return *shard_; }
  store::Store& store() { return *store_; }
  const shard::Options& options() const { return options_; }

  // Standard methods, through crm.record.v1.Records, and commands of the trade.
  shard::Outcome Create(const google::protobuf::Message& record,
                        const std::string& tenant = kTenant);
  shard::Outcome Update(const google::protobuf::Message& record,
                        const std::vector<std::string>& paths);
  shard::Outcome Delete(const std::string& name);
  // The record's image; empty: it is deleted, or never was.
  std::string Find(const std::string& name, const std::string& tenant = kTenant) const {
    const auto parsed = record::Name::Parse(name);
    const auto known = store_->latest().Tenant(tenant);
    if (!known) return "";
    const auto* type = TheCatalogue().FindType(parsed->collection);
    return store_->latest().Record({known->number, type->number, parsed->id}).value_or("");
  }
  template <class Message>
  Message Get(const std::string& name, const std::string& tenant = kTenant) const {
    Message message;
    message.ParseFromString(Find(name, tenant));
    return message;
  }

 private:
  static shard::Write Named(const std::string& name) {
    const auto parsed = record::Name::Parse(name);
    shard::Write write;
    write.type = TheCatalogue().FindType(parsed->collection);
    write.id = parsed->id;
    write.chosen_id = true;
    return write;
  }
  static shard::Write WriteOf(const google::protobuf::Message& record) {
    const auto* type = TheCatalogue().FindTypeByMessage(record.GetDescriptor()->full_name());
    auto image = record::Normalise(*type->message, record.SerializeAsString());
    auto write = Named(std::string(record::Spans::Read(*image)->Text(record::kName)));
    write.image = std::move(*image);
    return write;
  }
  shard::Outcome Await(shard::Command command);
  shard::Outcome Run(const std::string& method, shard::Write write, const std::string& tenant);

  Calm& calm_;
  shard::Options options_;
  std::shared_ptr<store::Disk> disk_ = store::Disk::InMemory();
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<shard::Shard> shard_;
};

class Calm {
 public:
  explicit Calm(uint64_t seed, int partitions = 1) : random(seed), partitions_(partitions) {}

  log::SimulatedLog& LogOf(const std::string& service) {
    auto& log = logs_[service];
    if (!log) log = std::make_unique<log::SimulatedLog>(partitions_, random);
    return *log;
  }
  Node& Add(const std::string& service, int partition = 0) {
    nodes_.push_back(std::make_unique<Node>(*this, service, partition));
    return *nodes_.back();
  }
  // Time passes until it holds; false after a minute of it.
  bool Until(const std::function<bool()>& holds) {
    for (const int64_t end = clock.Boottime() + 60'000'000; clock.Boottime() < end;) {
      if (holds()) return true;
      Pass(1'000);
    }
    return holds();
  }
  // Lets time pass, and everybody do what is due.
  void Pass(int64_t micros) {
    clock.Advance(micros);
    for (int round = 0; round < 4; ++round) {
      for (auto& node : nodes_) node->Step();
      for (auto& [service, log] : logs_) log->Settle();
    }
  }

  log::ManualClock clock;
  log::SeededRandom random;

 private:
  const int partitions_;
  std::map<std::string, std::unique_ptr<log::SimulatedLog>> logs_;
  std::vector<std::unique_ptr<Node>> nodes_;
};

inline void Node::Follow(store::Followed followed, std::vector<int> partitions) {
  for (const int partition : partitions) {
    const bool whole = partition == options_.owner.partition;
    options_.sources.push_back(
        {followed.service, partition, whole, &calm_.LogOf(followed.service)});
  }
  options_.followed.push_back(std::move(followed));
}

inline void Node::React(const std::string& reactor, const std::string& service) {
  options_.reacting[reactor] = {service, options_.owner.partition, true, &calm_.LogOf(service)};
}

inline void Node::Start(bool assigned) {
  store::StoreOptions store_options;
  store_options.path = "/" + options_.service;
  store_options.disk = disk_;
  store_options.service = options_.service;
  store_options.followed = options_.followed;
  auto store = store::Store::Open(store_options, TheCatalogue());
  CRM_CHECK(store);
  store_ = std::move(*store);
  options_.source = options_.owner.source = "/crm/" + options_.service;
  options_.dataschema = options_.owner.dataschema = "crm:0#crm." + options_.service + ".v1.Event";
  shard_ = std::make_unique<shard::Shard>(options_, TheCatalogue(), behaviours,
                                          calm_.LogOf(options_.service), *store_, calm_.clock,
                                          calm_.random, [] {});
  shard_->Assign(assigned);
}

inline shard::Outcome Node::Run(const std::string& method, shard::Write write,
                                const std::string& tenant) {
  shard::Command command;
  command.method = TheCatalogue().FindMethod("/crm.record.v1.Records/" + method);
  CRM_CHECK(command.method != nullptr);
  command.principal = {tenant, kUser, "", "api"};
  command.writes.push_back(std::move(write));
  return Await(std::move(command));
}

inline shard::Outcome Node::Order(const std::string& reactor, bool skip,
                                  const std::string& tenant) {
  shard::Command command;
  command.principal = {tenant, kUser, "", "api"};
  command.order = {reactor, skip};
  return Await(std::move(command));
}

inline shard::Outcome Node::Await(shard::Command command) {
  std::optional<shard::Outcome> outcome;
  command.done = [&](shard::Outcome done) { outcome = std::move(done); };
  shard_->Submit(std::make_unique<shard::Command>(std::move(command)));
  CRM_CHECK(calm_.Until([&] { return outcome.has_value(); }));
  return std::move(*outcome);
}

inline shard::Outcome Node::Create(const google::protobuf::Message& record,
                                   const std::string& tenant) {
  return Run("CreateRecord", WriteOf(record), tenant);
}

inline shard::Outcome Node::Update(const google::protobuf::Message& record,
                                   const std::vector<std::string>& paths) {
  auto write = WriteOf(record);
  std::vector<record::Violation> violations;
  write.mask = record::Mask::Compile(*write.type->message, paths, "update_mask", &violations);
  CRM_CHECK(violations.empty());
  return Run("UpdateRecord", std::move(write), kTenant);
}

inline shard::Outcome Node::Delete(const std::string& name) {
  auto write = Named(name);
  write.force = true;
  return Run("DeleteRecord", std::move(write), kTenant);
}

}  // namespace crm::services
