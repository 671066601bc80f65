#include "tests/simulation/world.h"

#include <algorithm>
#include <utility>

#include "libs/query/position.h"
#include "libs/record/built_in.h"
#include "libs/record/check.h"
#include "libs/record/name.h"
#include "services/sales/sales.h"
#include "tests/simulation/history.h"

namespace crm::simulation {
namespace {

constexpr size_t kClients = 8;
constexpr int64_t kProgressWithin = 20'000'000;  // I11
constexpr int64_t kRestWithin = 15'000'000;

const record::Catalogue& BuiltIn() {
  static const auto catalogue = [] {
    auto built = record::BuiltInCatalogue();
    CRM_CHECK(built);
    return std::move(*built);
  }();
  return *catalogue;
}

const shard::Behaviours& Sales() {
  static const auto behaviours = [] {
    shard::Behaviours sales;
    sales::RegisterSales(sales);
    return sales;
  }();
  return behaviours;
}

// Some runs are calm, most are as bad as a broker was ever seen to be.
log::SimulatedFaults FaultsOf(const Plan& plan) {
  if (plan.scripted || plan.seed % 8 == 0) return {};
  auto faults = log::SimulatedFaults::Wild();
  if (plan.seed % 8 > 2) return faults;
  for (double* chance : {&faults.expires, &faults.refused, &faults.answer_lost, &faults.fatal,
                         &faults.no_offset, &faults.report_held}) {
    *chance /= 5;
  }
  return faults;
}

}  // namespace

World::World(const Plan& plan)
    : plan_(plan),
      dice_(plan.seed),
      log_dice_(dice_.Next()),
      log_(1, log_dice_, FaultsOf(plan)),
      in_{BuiltIn(), Sales(), time_, log_, findings_, plan.log_mutations, plan.shard_mutations},
      misfortune_(dice_, time_, processes_, plan.clocks_stop()) {
  const size_t processes = plan.processes != 0 ? plan.processes : 2 + plan.seed % 2;
  for (size_t i = 0; i < processes; ++i) {
    processes_.push_back(std::make_unique<Process>(i, in_, dice_.Next()));
    processes_.back()->Start();
  }
  for (size_t i = 0; i < kClients; ++i) {
    clients_.push_back(std::make_unique<Client>(*this, i, dice_.Next()));
  }
  for (const char* tenant : kTenants) {
    watchers_.push_back(std::make_unique<Watcher>(*this, tenant, dice_.Next()));
  }
  if (!plan.scripted) processes_[0]->Assign(true);
}

World::~World() = default;

Operation& World::NewOperation(const std::string& tenant, const std::string& user) {
  operations_.push_back(std::make_unique<Operation>());
  Operation& operation = *operations_.back();
  operation.number = operations_.size() - 1;
  operation.tenant = tenant;
  operation.user = user;
  return operation;
}

Operation& World::SameAs(Operation& operation) {
  if (operation.request_id.empty()) return operation;
  for (const auto& other : operations_) {
    if (other->request_id == operation.request_id && other->tenant == operation.tenant &&
        other->user == operation.user && other->path == operation.path &&
        other->request == operation.request) {
      return *other;
    }
  }
  return operation;
}

Attempt& World::Send(Operation& operation, size_t process, int64_t deadline_us) {
  Attempt& attempt = operation.attempts.emplace_back();
  attempt.process = process;
  timeline_.push_back({&operation, &attempt, false});
  attempt.invoked = timeline_.size();
  rpc::Call call;
  call.path = operation.path;
  call.request = operation.request;
  call.metadata = {{"crm-tenant", operation.tenant},
                   {"crm-user", operation.user},
                   {"traceparent", TraceOf(operation.number)}};
  if (operation.confirmed) call.metadata.push_back({"crm-consistency", "confirmed"});
  if (!operation.min_position.empty()) {
    call.metadata.push_back({"crm-min-position", operation.min_position});
  }
  if (deadline_us != 0) {
    call.deadline = processes_[process]->clock().Boottime() + deadline_us - time_.now_us;
  }
  processes_[process]->Call(std::move(call), [this, &operation, &attempt](rpc::Answer answer) {
    Answered(operation, attempt, std::move(answer));
  });
  return attempt;
}

void World::Answered(Operation& operation, Attempt& attempt, rpc::Answer answer) {
  if (attempt.responded != 0) {
    findings_.Add(Invariant::kI1, operation.Describe() + " was answered twice");
    return;
  }
  timeline_.push_back({&operation, &attempt, true});
  attempt.responded = timeline_.size();
  attempt.log_end = static_cast<int64_t>(log_.size(0));
  attempt.answer = std::move(answer);
  if (attempt.answer.status.code() != record::kOk) return;
  if (!attempt.answer.initial.empty()) {
    if (auto position = query::Position::Decode(attempt.answer.initial.front().value)) {
      attempt.position = position->offset;
    }
  }
  knowledge_[operation.tenant].Learn(operation, attempt.answer);
}

void World::PeekInto(size_t process, const std::string& tenant) {
  if (!processes_[process]->running()) return;
  const auto view = processes_[process]->store().Snapshot();
  Peek peek{process, tenant, view->applied(), {}, {}};
  const auto entry = view->Tenant(tenant);
  for (const auto& [collection, names] : knowledge_[tenant].names) {
    const auto* type = in_.catalogue.FindType(collection);
    for (const std::string& name : names) {
      std::optional<std::string> image;
      if (entry) {
        image = view->Record({entry->number, type->number, record::Name::Parse(name)->id});
      }
      peek.images.emplace_back(name, std::move(image));
    }
  }
  if (entry) {
    for (const auto& change : view->Changes(entry->number, -1, 100'000)) {
      peek.changes.push_back(change.offset);
    }
  }
  peeks_.push_back(std::move(peek));
}

void World::Tick() {
  time_.now_us += dice_.Chance(0.25) ? Between(dice_, 40'000, 150'000) : Between(dice_, 0, 40'000);
  if (dice_.Chance(0.6)) log_.Step();
  processes_[dice_.Chance(0.5) ? active() : dice_.Below(processes_.size())]->Run();
  // Now and then all at once, so that commands are decided on what is not confirmed yet.
  if (dice_.Chance(0.04)) {
    for (auto& client : clients_) client->Step();
  } else if (dice_.Chance(0.5)) {
    clients_[dice_.Below(clients_.size())]->Step();
  }
  if (dice_.Chance(0.1)) watchers_[dice_.Below(watchers_.size())]->Step();
  if (dice_.Chance(0.015)) PeekInto(dice_.Below(processes_.size()), kTenants[0]);
  misfortune_.Coordinate();
  misfortune_.Break();
}

void World::Run() {
  for (int i = 0; i < plan_.ticks; ++i) Tick();
  Calm();
}

// Faults end: everybody runs, one process is told to be the owner, and something is wanted of it.
void World::Calm() {
  log_.set_faults({});
  for (auto& process : processes_) process->Thaw();
  clients_[0]->WantOnly(&NewOperation(kTenants[0], clients_[0]->user()));
  const int64_t begin = time_.now_us;
  while (!clients_[0]->done()) {
    CalmTick();
    if (time_.now_us < begin + kProgressWithin) continue;
    return findings_.Add(Invariant::kProgress, "nobody commits once faults have ended: " + Roles());
  }
  const int64_t done = time_.now_us;
  while (!AtRest()) {
    CalmTick();
    if (time_.now_us < done + kRestWithin) continue;
    return findings_.Add(Invariant::kProgress, "some do not come to rest: " + Roles());
  }
}

std::string World::Roles() const {
  static constexpr const char* kRoles[] = {"standby", "claiming", "owner", "stopped"};
  std::string text;
  for (const auto& process : processes_) {
    if (!process->running()) continue;
    const log::Owner& owner = process->shard().owner();
    text += std::string(kRoles[static_cast<size_t>(owner.role())]) +
            (process->assigned() ? " (assigned) " : " ") + "at " +
            std::to_string(process->shard().applied()) + ", claim " +
            std::to_string(owner.state().claim) + "; ";
  }
  return text + "the log ends at " + std::to_string(log_.size(0));
}

void World::CalmTick() {
  time_.now_us += Between(dice_, 0, 30'000);
  for (int i = 0; i < 3; ++i) log_.Step();
  for (size_t i = 0; i < processes_.size(); ++i) {
    Process& process = *processes_[i];
    if (!process.running()) process.Start();
    const bool assigned = i == active();
    if (process.assigned() != assigned || dice_.Chance(0.03)) process.Assign(assigned);
    process.Run();
  }
  clients_[0]->Step();
  for (auto& watcher : watchers_) watcher->Step();
}

// Everybody has applied all of the log, and watchers have been sent all of it.
bool World::AtRest() {
  const auto end = static_cast<int64_t>(log_.size(0));
  for (const auto& process : processes_) {
    if (!process->running() || process->shard().applied() != end) return false;
  }
  return WatchedAll();
}

bool World::WatchedAll() {
  if (counted_end_ != log_.size(0)) {
    counted_end_ = log_.size(0);
    lead_events_.clear();
    Findings ignored;
    for (const auto& commit : History::Read(log_, plan_.log_mutations, &ignored).commits) {
      for (const HistoryEvent& event : commit.events) {
        lead_events_[event.envelope.tenant()] += event.name.starts_with("leads/");
      }
    }
  }
  for (const auto& watcher : watchers_) {
    if (watcher->seen().size() < lead_events_[watcher->tenant()]) return false;
  }
  return true;
}

}  // namespace crm::simulation
