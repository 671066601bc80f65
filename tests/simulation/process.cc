#include "tests/simulation/process.h"

#include <utility>

#include "libs/record/check.h"

namespace crm::simulation {
namespace {

shard::Options ShardOptions(const Surroundings& in) {
  shard::Options options;
  options.service = kService;
  options.source = "/crm/sales";
  options.dataschema = "crm:0#crm.sales.v1.Event";
  options.owner.source = options.source;
  options.owner.dataschema = options.dataschema;
  options.owner.mutations = in.log_mutations;
  options.mutations = in.shard_mutations;
  options.limits = in.limits;
  return options;
}

}  // namespace

Process::Process(size_t number, const Surroundings& surroundings, uint64_t seed)
    : number_(number),
      in_(surroundings),
      dice_(seed),
      clock_(surroundings.time, Between(dice_, 1, 1'000'000'000'000),
             static_cast<int32_t>(Between(dice_, -30, 30))),
      disk_(store::Disk::InMemory()),
      log_(surroundings.log, [this](const log::Envelope& envelope) { Observe(envelope); }) {
  clock_.SetWall(Between(dice_, -5'000'000, 5'000'000));
}

Process::~Process() { Crash(); }

void Process::Start() {
  store::StoreOptions options;
  options.path = "/store";
  options.disk = disk_;
  auto store = store::Store::Open(options, in_.catalogue);
  CRM_CHECK(store);
  store_ = std::move(*store);
  if (std::exchange(forget_, false)) store_->Clear();
  shard_ = std::make_unique<shard::Shard>(ShardOptions(in_), in_.catalogue, in_.behaviours, log_,
                                          *store_, clock_, dice_, [this] { woken_ = true; });
  rpc::DispatcherOptions dispatching;
  dispatching.trust_metadata = true;
  dispatching.token_key = "key";
  dispatcher_ = std::make_unique<rpc::Dispatcher>(dispatching, in_.catalogue, *this, clock_);
  shard_->Assign(assigned_);
  ++starts_;
  leaving_ = false;
  woken_ = true;
}

void Process::Crash() {
  waiting_.clear();
  dispatcher_.reset();
  shard_.reset();
  store_.reset();
  Thaw();
}

void Process::Thaw() {
  frozen_until_ = stalled_until_ = 0;
  clock_.GoOn();
}

void Process::Leave() {
  if (!running()) return;
  leaving_ = true;
  Assign(false);
}

void Process::Assign(bool assigned) {
  assigned_ = assigned;
  if (!running()) return;
  shard_->Assign(assigned && !leaving_);
  woken_ = true;
}

rpc::Place Process::Find(std::string_view service, std::string_view) {
  if (service != kService) return {};
  return {kService, 0, shard_.get(), true};
}

void Process::Call(rpc::Call call, std::function<void(rpc::Answer)> done) {
  if (!running()) {
    rpc::Answer answer;
    answer.status = record::Unavailable("NOT_RUNNING", "Nobody listens.", 100);
    done(std::move(answer));
    return;
  }
  call.loopback = true;
  waiting_.push_back({std::move(call), std::move(done)});
  if (frozen() || dice_.Chance(0.3)) return;
  clock_.GoOn();
  ServeWaiting();
}

std::shared_ptr<rpc::Stream> Process::Open(rpc::Call call) {
  if (!running() || frozen()) return nullptr;
  clock_.GoOn();
  call.loopback = true;
  return dispatcher_->Open(std::move(call));
}

void Process::ServeWaiting() {
  for (Waiting& each : std::exchange(waiting_, {})) {
    dispatcher_->Unary(std::move(each.call), std::move(each.done));
  }
}

bool Process::due() const {
  return woken_ || worked_ || clock_.Boottime() >= shard_->next_deadline();
}

void Process::Step() {
  woken_ = false;
  worked_ = shard_->Step();
  if (shard_->owner().role() == log::Owner::Role::kStopped) {
    in_.findings.Add(Invariant::kStopped,
                     "process " + std::to_string(number_) + ": " + shard_->trouble());
    Crash();
  } else if (leaving_ && shard_->owner().role() == log::Owner::Role::kStandby) {
    shard_->Stop();
    Crash();
  }
}

bool Process::Run() {
  if (!running() || frozen()) return false;
  clock_.GoOn();
  // After a pause callers may come to it before the shard does.
  const bool callers_first = dice_.Chance(0.7);
  const bool served = !waiting_.empty();
  if (callers_first) ServeWaiting();
  const bool steps = !stalled() && due();
  if (steps) Step();
  if (running()) ServeWaiting();
  return served || steps;
}

// I9: an event is sent only under a claim that the own automaton has counted.
void Process::Observe(const log::Envelope& envelope) {
  if (envelope.commit_index() == 0 || envelope.claim_id() == counted_claim_) return;
  if (shard_->owner().state().claim_id == envelope.claim_id()) {
    counted_claim_ = envelope.claim_id();
    return;
  }
  in_.findings.Add(Invariant::kI9, "process " + std::to_string(number_) + " decided under claim " +
                                       std::to_string(envelope.claim()) +
                                       ", which it had not seen to count");
}

}  // namespace crm::simulation
