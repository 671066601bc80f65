#include "tests/simulation/reacting_world.h"

#include <utility>

#include "libs/record/image.h"
#include "services/sales/sales.h"
#include "tests/services/test_catalogue.h"
#include "tests/services/test_service.h"

namespace crm::simulation {
namespace {

constexpr int64_t kHour = 3'600'000'000;
constexpr int64_t kCalmAtMost = 120'000'000;

log::SimulatedFaults FaultsOf(const ReactingPlan& plan) {
  if (plan.seed % 4 == 0) return {};
  auto faults = log::SimulatedFaults::Wild();
  if (plan.seed % 4 == 1) return faults;
  for (double* chance : {&faults.expires, &faults.refused, &faults.answer_lost, &faults.fatal,
                         &faults.no_offset, &faults.report_held}) {
    *chance /= 10;
  }
  return faults;
}

}  // namespace

ReactingWorld::ReactingWorld(const ReactingPlan& plan)
    : plan_(plan),
      dice_(plan.seed),
      log_dice_(dice_.Next()),
      sales_log_(1, log_dice_, FaultsOf(plan)),
      test_log_(1, log_dice_, FaultsOf(plan)),
      sales_{"sales", services::TheCatalogue(), {}, sales_log_, nullptr, time_, findings_, {}},
      test_{"test",        services::TheCatalogue(), {}, test_log_, &sales_log_, time_, findings_,
            plan.mutations} {
  services::Forbidden().clear();
  sales::RegisterSales(sales_.behaviours);
  services::RegisterTest(test_.behaviours);
  for (int i = 0; i < 2; ++i) {
    of_sales_.push_back(std::make_unique<ReactingProcess>(sales_, dice_.Next()));
    of_test_.push_back(std::make_unique<ReactingProcess>(test_, dice_.Next()));
  }
  for (Processes* processes : {&of_sales_, &of_test_}) {
    for (auto& process : *processes) process->Start();
    processes->front()->Assign(true);
  }
}

void ReactingWorld::Create(ReactingProcess& process, const google::protobuf::Message& record,
                           const std::string& tenant) {
  const auto* type = catalogue().FindTypeByMessage(record.GetDescriptor()->full_name());
  shard::Command command;
  command.method = catalogue().FindMethod("/crm.record.v1.Records/CreateRecord");
  command.principal = {tenant, "users/01920000-0000-7000-8000-0000000000aa", "", "api"};
  shard::Write write;
  write.type = type;
  write.id = record::MakeUuidV7(1'600'000'000'000'000, 1, ++records_);
  write.chosen_id = true;
  write.image = *record::Normalise(*type->message, record.SerializeAsString());
  command.writes.push_back(std::move(write));
  process.Submit(std::move(command));
}

void ReactingWorld::CreateLead() {
  sales::v1::Lead lead;
  lead.set_subject("chairs");
  const uint64_t what = dice_.Below(10);
  lead.set_last_name(what == 0 ? services::kForbidden : what == 1 ? services::kUnwelcome : "Ana");
  Create(*of_sales_[active_sales_], lead, Tenant());
}

void ReactingWorld::CreateReminder() {
  using google::protobuf::util::TimeUtil;
  ReactingProcess& process = *of_test_[active_test_];
  test::v1::Reminder reminder;
  reminder.set_subject("call");
  *reminder.mutable_due_time() = TimeUtil::MicrosecondsToTimestamp(
      process.clock().Wall() + Between(dice_, -1'000'000, 20'000'000));
  if (dice_.Chance(0.3)) {
    reminder.set_again_after_seconds(static_cast<int>(Between(dice_, 3'000, 90'000)));
  }
  Create(process, reminder, Tenant());
}

// An operator lets parked events go on.
void ReactingWorld::Operate(bool may_skip) {
  ReactingProcess& process = *of_test_[active_test_];
  if (!process.running()) return;
  for (const auto& parked : process.shard().reactions().front()->facts().parked) {
    shard::Command command;
    command.principal.tenant = parked.tenant;
    const bool skip = may_skip && dice_.Chance(0.3);
    command.order = {services::kGreeter, skip};
    skipped_ |= skip;
    ++parked_;
    process.Submit(std::move(command));
  }
}

void ReactingWorld::Coordinate(Processes& processes, size_t* active) {
  if (dice_.Chance(0.01)) {
    const size_t before = *active;
    *active = dice_.Below(processes.size());
    if (before != *active && dice_.Chance(0.7)) processes[before]->Assign(false);
  }
  if (dice_.Chance(0.05)) processes[*active]->Assign(true);
}

void ReactingWorld::Break(Processes& processes) {
  ReactingProcess& process = *processes[dice_.Below(processes.size())];
  if (dice_.Chance(0.006)) process.Freeze(time_.now_us + Between(dice_, 50'000, 9'000'000));
  if (dice_.Chance(0.006)) process.Crash();
  if (dice_.Chance(0.004)) {
    process.Crash();
    process.ForgetProjections();
  }
  if (dice_.Chance(0.01) && process.running()) process.store().Flush();
  if (dice_.Chance(0.1) && !process.running()) process.Start();
}

void ReactingWorld::Tick() {
  time_.now_us += dice_.Chance(0.25) ? Between(dice_, 40'000, 250'000) : Between(dice_, 0, 40'000);
  // Longer than any request id is remembered.
  if (dice_.Chance(0.004)) time_.now_us += 25 * kHour;
  for (log::SimulatedLog* log : {&sales_log_, &test_log_}) {
    if (dice_.Chance(0.7)) log->Step();
  }
  for (Processes* processes : {&of_sales_, &of_test_}) {
    const size_t active = processes == &of_sales_ ? active_sales_ : active_test_;
    (*processes)[dice_.Chance(0.6) ? active : dice_.Below(processes->size())]->Run();
    Break(*processes);
  }
  if (dice_.Chance(0.15)) CreateLead();
  if (dice_.Chance(0.05)) CreateReminder();
  if (dice_.Chance(0.02)) services::Forbidden() = {services::kForbidden};
  if (dice_.Chance(0.02)) services::Forbidden().clear();
  if (dice_.Chance(0.02)) Operate(plan_.seed % 3 == 0);
  Coordinate(of_sales_, &active_sales_);
  Coordinate(of_test_, &active_test_);
}

void ReactingWorld::Run() {
  for (int i = 0; i < plan_.ticks; ++i) Tick();
  Calm();
}

// Faults and refusals end, and everybody is let go on.
void ReactingWorld::Calm() {
  for (log::SimulatedLog* log : {&sales_log_, &test_log_}) log->set_faults({});
  services::Forbidden().clear();
  const int64_t begin = time_.now_us;
  do {
    time_.now_us += Between(dice_, 0, 60'000);
    for (Processes* processes : {&of_sales_, &of_test_}) {
      const size_t active = processes == &of_sales_ ? active_sales_ : active_test_;
      for (size_t i = 0; i < processes->size(); ++i) {
        ReactingProcess& process = *(*processes)[i];
        process.Freeze(0);
        if (!process.running()) process.Start();
        if (process.assigned() != (i == active) || dice_.Chance(0.03)) process.Assign(i == active);
        process.Run();
      }
    }
    Operate(false);
    for (log::SimulatedLog* log : {&sales_log_, &test_log_}) {
      while (log->Step()) continue;
    }
    if (time_.now_us < begin + kCalmAtMost) continue;
    return findings_.Add(Invariant::kProgress, "some do not come to rest");
  } while (!AtRest());
}

// Long enough after the last fault for everything that may happen, and everybody has applied it.
bool ReactingWorld::AtRest() {
  const auto sales_end = static_cast<int64_t>(sales_log_.size(0));
  const auto test_end = static_cast<int64_t>(test_log_.size(0));
  for (auto& process : of_sales_) {
    if (!process->running() || process->shard().applied() != sales_end) return false;
  }
  for (auto& process : of_test_) {
    if (!process->running() || process->shard().applied() != test_end) return false;
    const store::View& view = process->store().latest();
    if (view.Replicated("sales", 0).next != sales_end) return false;
    if (!view.Apart(services::kGreeter, "sales", 0).empty()) return false;
  }
  // The machines' wall clocks may be hours apart by now; the owner's counts.
  ReactingProcess& owner = *of_test_[active_test_];
  const auto due = owner.store().latest().Wakes(std::nullopt, owner.clock().Wall(), 1);
  return owner.shard().owning() && due.empty() &&
         owner.shard().reactions().front()->facts().position + 1 >= sales_end;
}

}  // namespace crm::simulation
