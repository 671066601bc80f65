#include "libs/shard/timers.h"

#include <algorithm>
#include <utility>

#include "libs/shard/transaction.h"
#include "libs/store/event.h"

namespace crm::shard {
namespace {

constexpr int64_t kRetryPause = 1'000'000;  // doubled with each refusal
constexpr int kDoublingsMax = 12;

bool AnyWakes(const record::Catalogue& catalogue, const std::string& service) {
  const auto types = catalogue.Types();
  return std::any_of(types.begin(), types.end(), [&](const record::RecordType* type) {
    return type->HostedBy(service) && !type->annotation.wake().empty();
  });
}

}  // namespace

Timers::Timers(const record::Catalogue& catalogue, const std::string& service,
               const Behaviours& behaviours, const store::Store& store, Overlay& overlay,
               const record::Clock& clock, Deciding deciding)
    : catalogue_(catalogue),
      behaviours_(behaviours),
      store_(store),
      overlay_(overlay),
      clock_(clock),
      deciding_(std::move(deciding)),
      any_(AnyWakes(catalogue, service)) {}

const BoundWake* Timers::CodeOf(const WakeKey& key) const {
  const record::RecordType* type = catalogue_.FindTypeByNumber(key.type);
  return behaviours_.FindWake(type->collection, type->annotation.wake(key.field));
}

bool Timers::MayFire(const WakeKey& key, int64_t now) const {
  if (overlay_.HasLeft(key) || CodeOf(key) == nullptr) return false;
  const auto refused = refused_.find(key);
  return refused == refused_.end() || now >= refused->second.next_try;
}

// While a past is loaded, its loader's clock says what is due, and not ours.
bool Timers::Loading(const std::string& tenant) const {
  const auto entry = store_.latest().Tenant(tenant);
  return entry && entry->loading && !overlay_.Interactive(tenant);
}

WakeKey Timers::KeyOf(const store::WakeEntry& entry) const {
  return {overlay_.Slot(entry.tenant), entry.due_us, entry.key.type, entry.field, entry.key.id};
}

std::optional<store::WakeEntry> Timers::FirstStored(const std::string& tenant,
                                                    record::Instant until, int64_t now) const {
  constexpr size_t kFirstLook = 4;
  std::optional<store::TenantNumber> number;
  if (!tenant.empty()) {
    const auto known = store_.latest().Tenant(tenant);
    if (!known) return std::nullopt;
    number = known->number;
  }
  for (size_t limit = kFirstLook;; limit *= 8) {
    auto entries = store_.latest().Wakes(number, until, limit);
    for (auto& entry : entries) {
      if (number) entry.tenant = tenant;
      if (!number && Loading(entry.tenant)) continue;
      if (MayFire(KeyOf(entry), now)) return entry;
    }
    if (entries.size() < limit) return std::nullopt;
  }
}

std::optional<WakeKey> Timers::FirstOf(const std::string& tenant, record::Instant until,
                                       int64_t now) const {
  std::optional<WakeKey> first;
  for (const WakeKey& key : overlay_.Entered(overlay_.Slot(tenant), until)) {
    if (first || !MayFire(key, now)) continue;
    first = key;
  }
  const auto stored = FirstStored(tenant, until, now);
  if (!stored) return first;
  const WakeKey key = KeyOf(*stored);
  return first && *first < key ? first : key;
}

bool Timers::FireDue(const std::string& tenant, record::Instant until) {
  bool fired = false;
  while (any_) {
    const auto key = FirstOf(tenant, until, clock_.Boottime());
    if (!key) break;
    Fire(tenant, *key);
    fired = true;
  }
  return fired;
}

bool Timers::FireNext(int64_t applied) {
  if (!any_) return false;
  const int64_t now = clock_.Boottime();
  const record::Instant wall = clock_.Wall();
  if (applied == looked_at_ && wall < next_due_ && now < next_retry_) return false;
  looked_at_ = applied;
  next_retry_ = INT64_MAX;
  for (const auto& [key, refused] : refused_) {
    if (refused.next_try > now) next_retry_ = std::min(next_retry_, refused.next_try);
  }
  const auto next = FirstStored("", INT64_MAX, now);
  next_due_ = next ? next->due_us : INT64_MAX;
  next_due_us_.store(next ? next->due_us : 0, std::memory_order_relaxed);
  if (!next || next->due_us > wall) return false;
  Fire(next->tenant, KeyOf(*next));
  looked_at_ = -1;
  return true;
}

void Timers::Fire(const std::string& tenant, const WakeKey& key) {
  const record::RecordType& type = *catalogue_.FindTypeByNumber(key.type);
  const BoundWake& code = *CodeOf(key);
  const record::Field& field = *type.Find(type.annotation.wake(key.field));
  Waking waking{type.collection + "/" + key.id.Text(), field.name, key.due_us, ""};
  Command command;
  command.principal = {tenant, "system", "", std::string(store::kTimerClient)};
  command.request_id = waking.name + "/" + field.name + "@" + std::to_string(key.due_us);
  command.event = code.event;
  command.event_time_us = key.due_us;
  auto due = [&](Transaction& tx) {
    auto image = tx.Find(type, key.id);
    const auto spans = image ? record::Spans::Read(*image) : std::nullopt;
    if (!spans || record::TimeOf(spans->Text(field.number)) != key.due_us) return false;
    waking.image = std::move(*image);
    return true;
  };
  command.run = [&](Transaction& tx) -> record::Status {
    if (!due(tx)) return {};
    if (const auto refusal = code.function(waking, tx)) return tx.StatusOf(*refusal);
    if (!due(tx)) return {};
    return record::MakeStatus(record::kInternal, "STILL_DUE",
                              waking.name + " was woken, and is still due.");
  };
  const OwnOutcome outcome = deciding_.decide(std::move(command));
  if (outcome.status.code() == record::kOk) {
    refused_.erase(key);
    if (!outcome.wrote) return;
    fired_.fetch_add(1, std::memory_order_relaxed);
    const int64_t late = std::max<int64_t>(clock_.Wall() - key.due_us, 0);
    late_us_.fetch_add(late, std::memory_order_relaxed);
    return;
  }
  times_refused_.fetch_add(1, std::memory_order_relaxed);
  Refused& refused = refused_[key];
  refused.next_try = clock_.Boottime() + (kRetryPause << std::min(refused.times++, kDoublingsMax));
}

void Timers::Begin() {
  refused_.clear();
  looked_at_ = -1;
}

int64_t Timers::next_deadline() const {
  if (!any_ || next_due_ == INT64_MAX) return next_retry_;
  const int64_t until_due = std::max<int64_t>(next_due_ - clock_.Wall(), 0);
  return std::min(next_retry_, clock_.Boottime() + until_due);
}

Timers::Facts Timers::facts() const {
  return {fired_.load(std::memory_order_relaxed), times_refused_.load(std::memory_order_relaxed),
          late_us_.load(std::memory_order_relaxed), next_due_us_.load(std::memory_order_relaxed)};
}

}  // namespace crm::shard
