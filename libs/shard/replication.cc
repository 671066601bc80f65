#include "libs/shard/replication.h"

#include <algorithm>
#include <set>
#include <utility>

#include "libs/log/content.h"

namespace crm::shard {
namespace {

using Found = PacedFollower::Found;

constexpr size_t kReadBytes = 1 << 20;    // at a time, so that commands need not wait long
constexpr int64_t kAskEvery = 1'000'000;  // how stale the figures are while nothing comes
constexpr int64_t kRetryPause = 100'000;
constexpr int64_t kLongestWait = 30'000'000;

}  // namespace

Replication::Replication(const Source& source, store::Store& store, const record::Clock& clock,
                         std::function<void()> wake)
    : source_(source),
      clock_(clock),
      replicas_(store.ReplicasOf(source.service, source.partition, source.whole)),
      follower_(*source.log, source.partition, *replicas_, clock, kReadBytes),
      end_asked_(*source.log, std::move(wake)),
      began_at_(follower_.state().next),
      applied_(began_at_),
      log_id_(follower_.state().log_id) {
  readers_.Applied(began_at_);
}

void Replication::CatchUp() {
  catching_up_ = true;
  end_asked_.Drop();
  asked_end_ = -1;
  next_ask_ = 0;
  follower_.Hurry();
}

void Replication::WhenReached(int64_t position, int64_t deadline, Readers::Callback done) {
  readers_.When(position, std::min(deadline, clock_.Boottime() + kLongestWait), std::move(done));
}

void Replication::WhenAfter(int64_t position, std::function<void()> done) {
  readers_.When(position + 1, clock_.Boottime() + kLongestWait,
                [done = std::move(done)](Readers::Why) { done(); });
}

int64_t Replication::ChangedAt(const std::string& tenant) const {
  std::lock_guard lock(mutex_);
  const auto found = changed_at_.find(tenant);
  return found == changed_at_.end() ? began_at_ : found->second;
}

void Replication::NoteChanged(int64_t read_up_to) {
  const std::set<std::string> tenants = replicas_->TakeChanged();
  if (tenants.empty()) return;
  std::lock_guard lock(mutex_);
  for (const std::string& tenant : tenants) changed_at_[tenant] = read_up_to;
}

// An idle log says nothing, so only its end proves that nothing is missing. It is asked for aside:
// commands need not wait for a broker that is far.
void Replication::Ask(int64_t now) {
  if (asked_end_ < 0 && now >= next_ask_ && !end_asked_.open()) {
    asked_at_ = now;
    end_asked_.Ask([partition = source_.partition, read = follower_.state().next](log::Log& log) {
      return log::EndNotBelow(log, partition, read, {});
    });
  }
  const auto end = end_asked_.Take();
  if (!end) return;
  next_ask_ = now + (*end ? kAskEvery : kRetryPause);
  if (!*end) {
    follower_.Fail(end->error());
    return;
  }
  asked_end_ = **end;
  end_.store(asked_end_, std::memory_order_relaxed);
}

bool Replication::Step() {
  const int64_t now = clock_.Boottime();
  if (end_asked_.answered()) follower_.Hurry();
  if (!follower_.Due(now)) return false;
  const Found found = follower_.Step(now);
  if (trouble().empty()) Ask(now);
  const int64_t read_up_to = follower_.state().next;
  NoteChanged(read_up_to);
  log_id_.store(follower_.state().log_id, std::memory_order_relaxed);
  applied_.store(read_up_to, std::memory_order_release);
  readers_.Applied(read_up_to);
  readers_.Expire(now);
  skipped_.store(replicas_->skipped(), std::memory_order_relaxed);
  if (asked_end_ >= 0 && read_up_to >= asked_end_) {
    current_as_of_.store(asked_at_, std::memory_order_relaxed);
    asked_end_ = -1;
    catching_up_ = false;
  }
  return found == Found::kSome;
}

}  // namespace crm::shard
