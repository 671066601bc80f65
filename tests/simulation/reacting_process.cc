#include "tests/simulation/reacting_process.h"

#include <utility>

#include "libs/record/check.h"
#include "tests/services/test_service.h"

namespace crm::simulation {

ReactingProcess::ReactingProcess(ReactingService& service, uint64_t seed)
    : service_(service),
      dice_(seed),
      clock_(service.time, Between(dice_, 1, 1'000'000'000'000),
             static_cast<int32_t>(Between(dice_, -30, 30))) {
  clock_.SetWall(Between(dice_, -5'000'000, 5'000'000));
}

void ReactingProcess::Start() {
  store::StoreOptions stored;
  stored.path = "/store";
  stored.disk = disk_;
  stored.service = service_.name;
  shard::Options options;
  options.service = service_.name;
  options.source = options.owner.source = "/crm/" + service_.name;
  options.dataschema = options.owner.dataschema = "crm:0#crm." + service_.name + ".v1.Event";
  options.mutations = service_.mutations;
  if (service_.followed != nullptr) {
    const shard::Source source{"sales", 0, true, service_.followed};
    stored.followed = options.followed = {{"sales", {{"leads", {}}}, {}}};
    options.sources = {source};
    options.reacting[services::kGreeter] = source;
  }
  auto store = store::Store::Open(stored, service_.catalogue);
  CRM_CHECK(store);
  store_ = std::move(*store);
  if (std::exchange(forget_, false)) store_->Clear();
  shard_ = std::make_unique<shard::Shard>(options, service_.catalogue, service_.behaviours,
                                          service_.log, *store_, clock_, dice_, [] {});
  shard_->Assign(assigned_);
}

void ReactingProcess::Crash() {
  if (shard_) shard_->Stop();
  shard_.reset();
  store_.reset();
  frozen_until_ = 0;
}

void ReactingProcess::Assign(bool assigned) {
  assigned_ = assigned;
  if (running()) shard_->Assign(assigned);
}

void ReactingProcess::Submit(shard::Command command) {
  command.done = [](shard::Outcome) {};
  if (running()) shard_->Submit(std::make_unique<shard::Command>(std::move(command)));
}

void ReactingProcess::Run() {
  if (!running() || service_.time.now_us < frozen_until_) return;
  constexpr int kStepsInARow = 4;
  for (int i = 0; i < kStepsInARow && shard_->Step(); ++i) continue;
  if (shard_->owner().role() != log::Owner::Role::kStopped) return;
  service_.findings.Add(Invariant::kStopped, service_.name + ": " + shard_->trouble());
  Crash();
}

}  // namespace crm::simulation
