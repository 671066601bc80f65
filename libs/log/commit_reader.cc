#include "libs/log/commit_reader.h"

#include <chrono>
#include <thread>

#include "libs/log/facts.h"

namespace crm::log {
namespace {

using Time = std::chrono::steady_clock;

constexpr size_t kReadBytes = 4 << 20;
// What a broker may take to come back.
constexpr auto kPatience = std::chrono::seconds(30);
constexpr auto kPause = std::chrono::milliseconds(2);

// Tries until it gets somewhere, or patience is over.
template <class Attempt>
Follower::Found Insist(Attempt attempt) {
  const auto give_up = Time::now() + kPatience;
  while (true) {
    const Follower::Found found = attempt();
    const bool again = found == Follower::Found::kLater || found == Follower::Found::kNothing;
    if (!again || Time::now() > give_up) return found;
    std::this_thread::sleep_for(kPause);
  }
}

}  // namespace

CommitReader::CommitReader(Log& log, int partition, const record::Clock& clock)
    : log_(log),
      partition_(partition),
      follower_(log, partition, waiting_, clock, kReadBytes, {}) {}

record::Error CommitReader::Failed() const {
  const auto& trouble = follower_.trouble();
  return {trouble.empty() ? "partition " + std::to_string(partition_) + " can not be read now"
                          : trouble,
          trouble.empty()};
}

record::Result<const Commit*> CommitReader::Front() {
  if (!end_) {
    int64_t end = 0;
    const auto asked = Insist([&] { return follower_.AskEnd(&end); });
    if (asked != Follower::Found::kSome) return Failed();
    end_ = end;
  }
  while (waiting_.commits.empty() && follower_.state().next < *end_) {
    // Before the end a log may have nothing more at this moment.
    const auto found = Insist([this] { return follower_.Read(); });
    follower_.Apply();
    if (found == Follower::Found::kSome) continue;
    if (found != Follower::Found::kNothing || !EndsInOthersRecords()) return Failed();
    end_ = follower_.state().next;
  }
  return waiting_.commits.empty() ? nullptr : &waiting_.commits.front();
}

// A broker keeps records of its own, such as the ends of transactions in a topic that was mirrored:
// they take offsets, and can not be read.
bool CommitReader::EndsInOthersRecords() {
  const auto last = log_.ReadOne(partition_, *end_ - 1);
  return last && !*last;
}

int64_t CommitReader::recorded_time_us() const {
  const auto facts = ReadFacts(*waiting_.commits.front().events.back().body);
  return facts ? facts->recorded_time_us : 0;
}

}  // namespace crm::log
