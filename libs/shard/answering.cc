#include <algorithm>

#include "libs/shard/shard_parts.h"

// The shard's second half: from confirmed commits to answers, and reading.
namespace crm::shard {
namespace {

constexpr int kRetryMs = 200;

record::Status Unknown() {
  return record::Unavailable(
      "OUTCOME_UNKNOWN",
      "The log did not confirm the command; send it again with the same request id.", kRetryMs);
}

record::Status NotServing() {
  return record::Unavailable("NOT_SERVING", "This process does not own the tenant's partition now.",
                             kRetryMs);
}

Outcome NotServed() {
  Outcome outcome = Refused(NotServing());
  outcome.not_served = true;
  return outcome;
}

}  // namespace

bool Shard::Parts::AnswerConfirmed() {
  const uint64_t confirmed = owner.confirmed();
  if (pending.empty() || pending.front().ticket > confirmed) return false;
  overlay.Drop(confirmed);
  const auto give = [this, confirmed] {
    while (!pending.empty() && pending.front().ticket <= confirmed) {
      // Only without the rule that answers come in order is it not applied yet.
      std::erase(applied.awaiting, &pending.front());
      Answer(pending.front());
      pending.pop_front();
    }
  };
  if (options.giving) {
    options.giving(give);
  } else {
    give();
  }
  return true;
}

void Shard::Parts::Answer(Pending& next) {
  if (next.repeats) {
    const Command& command = *next.command;
    const store::View& view = store.latest();
    auto tenant = view.Tenant(command.principal.tenant);
    auto entry = tenant ? view.Request(tenant->number, command.request_id) : std::nullopt;
    if (entry) {
      next.outcome = Answered(command, catalogue, view, tenant->number, entry->position);
    } else {
      next.outcome.status = Unknown();
    }
  }
  // More may have been applied meanwhile than the answer shows.
  if (next.wrote) answered_position = next.outcome.position;
  if (next.command == nullptr) return;
  if (next.outcome.position < 0) next.outcome.position = std::max(next.seen, answered_position);
  if (next.wrote || exclusive || owner.lease().Valid(clock.Boottime())) {
    next.command->done(std::move(next.outcome));
    return;
  }
  // An answer that wrote nothing is a read: it needs the lease, or a barrier.
  auto waiting = std::make_shared<Pending>(std::move(next));
  owner.AwaitConfirmation([waiting](bool confirmed) {
    waiting->command->done(confirmed ? std::move(waiting->outcome) : NotServed());
  });
}

void Shard::Parts::FailPending() {
  applied.awaiting.clear();
  overlay.Clear();
  last_ticket = owner.confirmed();
  std::deque<Pending> failed;
  failed.swap(pending);
  for (Pending& each : failed) {
    if (each.command) each.command->done(Refused(Unknown()));
  }
}

bool Shard::Parts::RefuseWaiting() {
  if (!held && queue.size() == 0) return false;
  std::vector<std::unique_ptr<Command>> waiting = queue.TakeAll();
  if (held) waiting.push_back(std::move(held));
  for (auto& command : waiting) {
    command->done(NotServed());
  }
  return !waiting.empty();
}

bool Shard::Parts::RefuseAll() {
  const bool any = RefuseWaiting() || !pending.empty();
  FailPending();
  return any;
}

void Shard::Parts::ReadNow(const ReadOptions& read, std::function<void(ReadResult)> done) {
  if (stopped.load(std::memory_order_acquire)) {
    done({NotServing(), nullptr, true});
    return;
  }
  const bool served = owning.load(std::memory_order_acquire);
  const int64_t now = clock.Boottime();
  if (!read.confirmed && served && (exclusive || owner.lease().Valid(now))) {
    done({{}, store.Snapshot(), false});
    return;
  }
  // L5. The log's end is that of the moment it was asked for, whatever happened since.
  const int64_t as_of = current_as_of.load(std::memory_order_acquire);
  const bool fresh = as_of > 0 && now - as_of <= read.max_staleness_us;
  if (!read.confirmed && !served && fresh) {
    done({{}, store.Snapshot(), false});
    return;
  }
  if (!served && !exclusive) {
    done({NotServing(), nullptr, true});
    return;
  }
  owner.AwaitConfirmation([this, done = std::move(done)](bool ok) {
    if (ok && current()) {
      done({{}, store.Snapshot(), false});
    } else {
      done({NotServing(), nullptr, true});
    }
  });
  wake();
}

}  // namespace crm::shard
