#include "libs/shard/operations.h"

#include <algorithm>
#include <utility>

#include "libs/shard/past_commit.h"

namespace crm::shard {
namespace {

constexpr int64_t kRetryPause = 1'000'000;  // doubled with each failure
constexpr int kDoublingsMax = 9;
// One of them is in the name of each event that begins an operation or goes on with one.
constexpr std::string_view kStepWords[] = {"delet", "merge"};

}  // namespace

void Operations::Begin() {
  all_ = true;
  changed_.clear();
  open_.clear();
  last_ = {};
  Publish();
}

void Operations::LookAt(const std::string& tenant) {
  const store::View& view = store_.latest();
  const auto entry = view.Tenant(tenant);
  std::map<Key, Open> now;
  const auto add = [&](const std::vector<store::RecordKey>& records) {
    for (const store::RecordKey& record : records) {
      const Key key{tenant, record.type, record.id};
      const auto known = open_.find(key);
      now[key] = known != open_.end() ? known->second : Open{record.tenant, 0, 0, ""};
    }
  };
  if (entry && entry->cascades) {
    add(view.Cascades(entry->number, false));
    add(view.Moving(entry->number));
  }
  auto first = open_.lower_bound({tenant, 0, {}});
  while (first != open_.end() && first->first.tenant == tenant) first = open_.erase(first);
  open_.merge(now);
}

std::unique_ptr<Command> Operations::Next(bool applied) {
  if (all_) {
    for (const std::string& tenant : store_.latest().Tenants()) LookAt(tenant);
    all_ = false;
    Publish();
  }
  if (!changed_.empty()) {
    for (const std::string& tenant : changed_) LookAt(tenant);
    if (applied) changed_.clear();
    Publish();
  }
  if (open_.empty()) return nullptr;
  const int64_t now = clock_.Boottime();
  auto at = open_.upper_bound(last_);
  for (size_t looked = 0; looked < open_.size(); ++looked, ++at) {
    if (at == open_.end()) at = open_.begin();
    if (now < at->second.next_try) continue;
    // The events of a tenant that is parked are passed over.
    const auto tenant = store_.latest().Tenant(at->first.tenant);
    if (!tenant || tenant->parked) {
      at->second.next_try = now + (kRetryPause << kDoublingsMax);
      continue;
    }
    last_ = at->first;
    return StepOf(at->first, *tenant);
  }
  return nullptr;
}

// It is decided for whoever began.
std::unique_ptr<Command> Operations::StepOf(const Key& key,
                                            const store::TenantEntry& tenant) const {
  const log::Envelope begun =
      EnvelopeOf(NewestEvent(store_.latest(), {tenant.number, key.type, key.id}, kStepWords));
  auto step = std::make_unique<Command>();
  Command& command = *step;
  command.continues = command.bulk = true;
  command.principal = {key.tenant, begun.actor(), begun.on_behalf_of(), begun.client()};
  // A tenant that is being loaded stays at the time that it has come to.
  if (tenant.loading) command.event_time_us = begun.time_us();
  Write& write = command.writes.emplace_back();
  write.type = catalogue_.FindTypeByNumber(key.type);
  write.id = key.id;
  for (const record::Method* method : catalogue_.Methods()) {
    if (method->type == write.type && method->kind == record::MethodKind::kDelete)
      command.method = method;
  }
  command.done = [](Outcome) {};
  return step;
}

void Operations::Decided(const Command& step, const record::Status& status) {
  const Write& write = step.writes.front();
  const auto found = open_.find({step.principal.tenant, write.type->number, write.id});
  if (found == open_.end()) return;
  Open& open = found->second;
  changed_.insert(step.principal.tenant);
  if (status.code() == record::kOk) {
    if (open.failures == 0) return;
    open.failures = 0;
    open.refusal.clear();
  } else {
    open.next_try = clock_.Boottime() + (kRetryPause << std::min(open.failures++, kDoublingsMax));
    open.refusal = record::ReasonOf(status) + ": " + status.message();
    std::lock_guard lock(mutex_);
    ++facts_.failed_steps;
  }
  Publish();
}

int64_t Operations::next_deadline() const {
  int64_t next = INT64_MAX;
  for (const auto& [key, open] : open_) {
    if (open.failures > 0) next = std::min(next, open.next_try);
  }
  return next;
}

std::string Operations::NameOf(const Key& key) const {
  return catalogue_.FindTypeByNumber(key.type)->collection + "/" + key.id.Text();
}

void Operations::Publish() {
  std::vector<Failing> failing;
  for (const auto& [key, open] : open_) {
    if (open.failures > 0) failing.push_back({key.tenant, NameOf(key), open.refusal});
  }
  std::lock_guard lock(mutex_);
  facts_.open = open_.size();
  facts_.failing = std::move(failing);
}

Operations::Facts Operations::facts() const {
  std::lock_guard lock(mutex_);
  return facts_;
}

}  // namespace crm::shard
