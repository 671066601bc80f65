#pragma once

#include <google/protobuf/message.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "libs/log/seeded.h"
#include "libs/log/simulated.h"
#include "libs/record/built_in.h"
#include "libs/record/check.h"
#include "libs/record/image.h"
#include "libs/shard/shard.h"
#include "libs/store/store.h"

// For tests: one shard, of sales unless another service is named, on a calm log in memory, all in
// one thread, so that commands are decided on a store and a history as in a server.
namespace crm::shard {

class CalmShard {
 public:
  CalmShard(const record::Catalogue& catalogue, uint64_t seed, Limits limits = {})
      : catalogue_(catalogue), random_(seed), log_(1, random_), limits_(limits) {}
  ~CalmShard() {
    if (shard_) shard_->Stop();
  }

  Behaviours behaviours;
  std::string user = "users/01920000-0000-7000-8000-0000000000aa";

  void Start(const std::string& service = "sales") {
    store::StoreOptions store_options;
    store_options.path = "/calm";
    store_options.disk = store::Disk::InMemory();
    auto store = store::Store::Open(store_options, catalogue_);
    CRM_CHECK(store);
    store_ = std::move(*store);
    Options options;
    options.service = service;
    options.source = options.owner.source = "/crm/" + service;
    options.dataschema = options.owner.dataschema = "crm:0#crm." + service + ".v1.Event";
    options.limits = limits_;
    shard_ = std::make_unique<Shard>(options, catalogue_, behaviours, log_, *store_, clock_,
                                     random_, [] {});
    shard_->Assign(true);
  }

  // A standard method of the record's service; the record is found by its name.
  Outcome Create(const google::protobuf::Message& record) { return Do("Create", WriteOf(record)); }
  Outcome Update(const google::protobuf::Message& record, const std::vector<std::string>& paths) {
    Write write = WriteOf(record);
    std::vector<record::Violation> violations;
    write.mask = record::Mask::Compile(*write.type->message, paths, "update_mask", &violations);
    CRM_CHECK(violations.empty());
    return Do("Update", std::move(write));
  }
  Outcome Delete(const std::string& name) {
    Write write = Named(name);
    write.force = true;
    return Do("Delete", std::move(write));
  }
  Outcome Undelete(const std::string& name) { return Do("Undelete", Named(name)); }
  Outcome Call(const std::string& path, const google::protobuf::Message& request) {
    Command command;
    command.method = catalogue_.FindMethod(path);
    CRM_CHECK(command.method != nullptr);
    command.request = request.SerializeAsString();
    return Run(std::move(command));
  }

  // The record's image; empty: it is deleted or hidden, or never was.
  std::string Find(const std::string& name) const {
    auto parsed = record::Name::Parse(name);
    const store::View& view = store_->latest();
    auto tenant = view.Tenant(kTenant);
    if (!tenant) return "";
    const record::RecordType& type = *catalogue_.FindType(parsed->collection);
    std::string image = view.Record({tenant->number, type.number, parsed->id}).value_or("");
    const auto hiding = store::Hiding::At(view, catalogue_, *tenant);
    return hiding && hiding->Hides(type, image) ? "" : image;
  }
  // Whether a delete, a merge or a way back is under way.
  bool Busy() const {
    const store::View& view = store_->latest();
    auto tenant = view.Tenant(kTenant);
    return tenant &&
           (!view.Cascades(tenant->number, false).empty() || !view.Moving(tenant->number).empty());
  }
  Operations::Facts operations() const { return shard_->operations(); }
  void StepOnce() {
    shard_->Step();
    log_.Settle();
    clock_.Advance(100);
  }
  // Does all that can be done now.
  void DoAll() {
    int idle = 0;
    for (int step = 0; idle < 2; ++step) {
      CRM_CHECK(step < kMostSteps);
      idle = shard_->Step() ? 0 : idle + 1;
      log_.Settle();
    }
  }
  // Lets time pass until the shard wants to be called again.
  void PassToDeadline() {
    clock_.Advance(std::max<int64_t>(shard_->next_deadline() - clock_.Boottime(), 1));
  }
  int64_t Boottime() const { return clock_.Boottime(); }
  // As after a crash that took the projections: everything is read from the log again.
  void Restart() {
    shard_->Stop();
    shard_.reset();
    store_.reset();
    Start();
    for (int step = 0; step < kMostSteps && !shard_->owning(); ++step) StepOnce();
    CRM_CHECK(shard_->owning());
    // Until the lease of the one before is over.
    for (int step = 0; step < 100; ++step) {
      StepOnce();
      clock_.Advance(100'000);
    }
  }
  template <class Message>
  Message Get(const std::string& name) const {
    Message message;
    message.ParseFromString(Find(name));
    return message;
  }
  store::Store& store() { return *store_; }

 private:
  static constexpr char kTenant[] = "test";
  static constexpr int kMostSteps = 10'000;

  Write Named(const std::string& name) const {
    auto parsed = record::Name::Parse(name);
    CRM_CHECK(parsed);
    Write write;
    write.type = catalogue_.FindType(parsed->collection);
    write.id = parsed->id;
    write.chosen_id = true;
    return write;
  }
  Write WriteOf(const google::protobuf::Message& record) const {
    const auto* type = catalogue_.FindTypeByMessage(record.GetDescriptor()->full_name());
    auto image = record::Normalise(*type->message, record.SerializeAsString());
    Write write = Named(std::string(record::TextIn(*image, record::kName)));
    write.image = std::move(*image);
    return write;
  }
  Outcome Do(const std::string& verb, Write write) {
    Command command;
    for (const record::Method* method : catalogue_.Methods()) {
      if (method->type == write.type && method->kind == KindOf(verb)) command.method = method;
    }
    command.writes.push_back(std::move(write));
    return Run(std::move(command));
  }
  static record::MethodKind KindOf(const std::string& verb) {
    if (verb == "Create") return record::MethodKind::kCreate;
    if (verb == "Update") return record::MethodKind::kUpdate;
    return verb == "Delete" ? record::MethodKind::kDelete : record::MethodKind::kUndelete;
  }
  Outcome Run(Command command) {
    std::optional<Outcome> outcome;
    command.principal = {kTenant, user, "", "api"};
    command.done = [&](Outcome done) { outcome = std::move(done); };
    shard_->Submit(std::make_unique<Command>(std::move(command)));
    for (int step = 0; step < kMostSteps && !outcome; ++step) StepOnce();
    CRM_CHECK(outcome.has_value());
    return std::move(*outcome);
  }

  const record::Catalogue& catalogue_;
  log::ManualClock clock_;
  log::SeededRandom random_;
  log::SimulatedLog log_;
  const Limits limits_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<Shard> shard_;
};

}  // namespace crm::shard
