#include "tests/simulation/watcher.h"

#include <utility>

#include "crm/sales/v1/lead.pb.h"
#include "tests/simulation/workload.h"
#include "tests/simulation/world.h"

namespace crm::simulation {

Watcher::Watcher(World& world, std::string tenant, uint64_t seed)
    : world_(world), tenant_(std::move(tenant)), dice_(seed) {}

void Watcher::Open() {
  process_ = dice_.Chance(0.8) ? world_.active() : dice_.Below(world_.processes());
  record::v1::WatchRequest request;
  request.set_position(position_);
  rpc::Call call;
  call.path = "/crm.sales.v1.Leads/WatchLeads";
  call.metadata = {{"crm-tenant", tenant_}, {"crm-user", "users/" + Workload::ChosenId(990)}};
  call.request = request.SerializeAsString();
  stream_ = world_.process(process_).Open(std::move(call));
  start_ = world_.process(process_).starts();
  inbox_ = std::make_shared<Inbox>();
}

void Watcher::Take(const rpc::Stream::Item& item) {
  if (item.end) {
    stream_ = nullptr;
    if (!item.trailing.empty() && dice_.Chance(0.5)) position_ = item.trailing.front().value;
    return;
  }
  sales::v1::LeadChange change;
  change.ParseFromString(item.message);
  position_ = change.change().position();
  seen_.push_back({position_, change.change().name(), change.change().event(),
                   change.has_lead() ? change.lead().SerializeAsString() : ""});
}

void Watcher::Step() {
  Process& process = world_.process(process_);
  // The connection breaks with the process.
  if (stream_ && (!process.running() || process.starts() != start_)) stream_ = nullptr;
  if (!stream_) return Open();
  for (const auto& item : std::exchange(inbox_->items, {})) Take(item);
  if (!stream_ || inbox_->waiting || process.frozen()) return;
  inbox_->waiting = true;
  stream_->Next([inbox = inbox_](rpc::Stream::Item item) {
    inbox->waiting = false;
    inbox->items.push_back(std::move(item));
  });
}

}  // namespace crm::simulation
