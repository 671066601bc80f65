#include "libs/runtime/membership.h"

#include <chrono>
#include <thread>
#include <utility>

#include "libs/runtime/rendezvous.h"

namespace crm::runtime {
namespace {

// The owner itself gives up handing over after a second; this is for a log that answers nothing.
constexpr int64_t kHandOverUs = 3'000'000;
// Others may be there, and yet not take it.
constexpr int64_t kSuccessorUs = 1'500'000;
constexpr std::chrono::milliseconds kLookEvery(5);

}  // namespace

record::Result<std::unique_ptr<Membership>> Membership::Join(
    Options options, std::vector<std::pair<shard::Shard*, ShardThread*>> shards,
    rpc::Owners& owners, const record::Clock& clock) {
  std::unique_ptr<Membership> membership(new Membership(std::move(options), owners, clock));
  for (auto [shard, thread] : shards) {
    auto seat = std::make_unique<Seat>();
    seat->shard = shard;
    seat->thread = thread;
    seat->follows = membership->options_.standbys > 0;
    membership->seats_.push_back(std::move(seat));
  }
  auto started = membership->Start();
  if (!started) return started.error();
  return membership;
}

record::Result<record::Done> Membership::Start() {
  auto topic = log::KafkaOwners::Open(
      options_.owners, {[this](const log::KafkaOwners::Entry& entry) { Read(entry); },
                        [this] { owners_.Expire(clock_.Boottime()); }});
  if (!topic) return topic.error();
  topic_ = std::move(topic).value();
  for (auto& seat : seats_) {
    seat->thread->Start(
        *seat->shard, PartOf(*seat),
        [this, partition = seat->shard->partition()](uint64_t claim) { Owning(partition, claim); });
  }
  log::KafkaGroup::Events events;
  events.silent = options_.silent;
  events.assigned = [this](const std::vector<int>& partitions) { Assigned(partitions); };
  events.revoked = [this](const std::vector<int>& partitions) { Revoked(partitions); };
  events.confirmed = [this] { Confirmed(); };
  events.wants_confirmation = [this] { return WantsConfirmation(); };
  if (options_.standbys > 0 && options_.standbys < std::numeric_limits<int>::max())
    events.members = [this](const std::vector<std::string>& names) { FollowThoseOf(names); };
  auto group = log::KafkaGroup::Join(options_.group, std::move(events));
  if (!group) return group.error();
  group_ = std::move(group).value();
  return record::Done{};
}

// The shards' threads call back into this as long as they run.
Membership::~Membership() {
  Leave();
  group_.reset();
  for (auto& seat : seats_) {
    seat->thread->HandOver();
    seat->thread->Join();
  }
}

void Membership::Leave() {
  if (!group_) return;
  std::vector<int> left;
  for (const auto& seat : seats_) {
    if (seat->assigned) left.push_back(seat->shard->partition());
  }
  group_->Leave();
  if (group_->left_alone() || !group_->trouble().empty()) return;
  const int64_t give_up = clock_.Boottime() + kSuccessorUs;
  for (const int partition : left) {
    while (!HasSuccessor(partition) && clock_.Boottime() < give_up && !options_.silent())
      std::this_thread::sleep_for(kLookEvery);
  }
}

std::string Membership::trouble() const {
  if (!group_) return {};
  const std::string trouble = group_->trouble();
  if (trouble.empty()) return {};
  return "another process seems to have the same --instance, " + options_.group.instance + ": " +
         trouble;
}

bool Membership::HasSuccessor(int partition) const {
  const std::string address = owners_.Find(options_.service, partition).address;
  return !address.empty() && address != options_.address;
}

ShardThread::Part Membership::PartOf(const Seat& seat) const {
  if (seat.assigned) return ShardThread::Part::kOwner;
  return seat.follows ? ShardThread::Part::kFollower : ShardThread::Part::kIdle;
}

void Membership::Assigned(const std::vector<int>& partitions) {
  for (const int partition : partitions) {
    Seat& seat = *seats_[static_cast<size_t>(partition)];
    seat.assigned = true;
    seat.thread->Play(PartOf(seat));
  }
}

void Membership::Revoked(const std::vector<int>& partitions) {
  for (const int partition : partitions) {
    Seat& seat = *seats_[static_cast<size_t>(partition)];
    seat.assigned = false;
    seat.thread->Play(PartOf(seat));
  }
  const int64_t give_up = clock_.Boottime() + kHandOverUs;
  for (const int partition : partitions) {
    ShardThread& thread = *seats_[static_cast<size_t>(partition)]->thread;
    while (!thread.AwaitHandedOver(kLookEvery) && clock_.Boottime() < give_up &&
           !options_.silent()) {
    }
  }
}

bool Membership::WantsConfirmation() const {
  for (const auto& seat : seats_) {
    if (seat->assigned && seat->thread->awaits_assignment()) return true;
  }
  return false;
}

void Membership::Confirmed() {
  for (auto& seat : seats_) {
    if (seat->assigned && seat->thread->awaits_assignment())
      seat->thread->Play(ShardThread::Part::kOwner);
  }
}

// On the shard's thread.
void Membership::Owning(int partition, uint64_t claim) {
  seats_[static_cast<size_t>(partition)]->claim = claim;
  if (claim != 0) topic_->Publish({partition, claim, options_.address});
  owners_.SetHere(options_.service, partition, claim != 0);
}

void Membership::Read(const log::KafkaOwners::Entry& entry) {
  owners_.Set(options_.service, entry.partition, entry.claim, entry.address);
  // A late word of an earlier owner would be the last one that others read.
  const uint64_t own = seats_[static_cast<size_t>(entry.partition)]->claim;
  if (own > entry.claim) topic_->Publish({entry.partition, own, options_.address});
}

void Membership::FollowThoseOf(const std::vector<std::string>& members) {
  for (auto& seat : seats_) {
    const bool follows = IsAmongTop(
        options_.group.instance, members,
        options_.service + "/" + std::to_string(seat->shard->partition()), options_.standbys);
    if (seat->follows.exchange(follows) == follows || seat->assigned) continue;
    seat->thread->Play(PartOf(*seat));
  }
}

}  // namespace crm::runtime
