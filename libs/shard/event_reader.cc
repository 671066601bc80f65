#include "libs/shard/event_reader.h"

#include <utility>

#include "libs/store/event.h"

namespace crm::shard {
namespace {

constexpr size_t kReadBytes = 256 << 10;
constexpr size_t kItemsMax = 1'000;  // that wait; a reading more may come on top

}  // namespace

EventReader::EventReader(const Source& source, log::Automaton::State from, std::string tenant,
                         const record::Clock& clock)
    : tenant_(std::move(tenant)),
      done_(from),
      read_up_to_(from.next),
      follower_(*source.log, source.partition, *this, clock, kReadBytes) {}

bool EventReader::Step(int64_t now) {
  if (items_.size() >= kItemsMax || !follower_.Due(now)) return false;
  return follower_.Step(now) == PacedFollower::Found::kSome;
}

int64_t EventReader::next_step() const {
  return items_.size() >= kItemsMax ? INT64_MAX : follower_.next_step();
}

void EventReader::Apply(std::span<const log::Commit> commits, const log::Automaton::State& after) {
  for (const log::Commit& commit : commits) {
    for (const log::Stored& event : commit.events) {
      const auto facts = store::ReadEvent(*event.body);
      if (!facts || facts->tenant.empty()) continue;
      if (!tenant_.empty() && facts->tenant != tenant_) continue;
      items_.push_back({event.offset, std::string(facts->tenant), event.body, 0});
    }
  }
  read_.push_back(after);
  read_up_to_ = after.next;
  MoveDone();
}

void EventReader::Decided(uint64_t ticket) {
  items_[decided_].ticket = ticket;
  ++decided_;
}

void EventReader::Confirm(uint64_t confirmed) {
  while (decided_ > 0 && items_.front().ticket <= confirmed) {
    items_.pop_front();
    --decided_;
  }
  MoveDone();
}

void EventReader::Rewind() { decided_ = 0; }

void EventReader::MoveDone() {
  while (!read_.empty() && (items_.empty() || read_.front().next <= items_.front().offset)) {
    done_ = read_.front();
    read_.pop_front();
  }
}

}  // namespace crm::shard
