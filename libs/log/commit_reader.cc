#include "libs/log/commit_reader.h"

#include "libs/log/facts.h"

namespace crm::log {
namespace {

constexpr size_t kReadBytes = 4 << 20;

}  // namespace

CommitReader::CommitReader(Log& log, int partition, const record::Clock& clock)
    : partition_(partition), follower_(log, partition, waiting_, clock, kReadBytes, {}) {}

record::Error CommitReader::Failed() const {
  const auto& trouble = follower_.trouble();
  return {trouble.empty() ? "partition " + std::to_string(partition_) + " can not be read now"
                          : trouble,
          trouble.empty()};
}

record::Result<const Commit*> CommitReader::Front() {
  if (!end_) {
    int64_t end = 0;
    if (follower_.AskEnd(&end) != Follower::Found::kSome) return Failed();
    end_ = end;
  }
  while (waiting_.commits.empty() && follower_.state().next < *end_) {
    const auto found = follower_.Read();
    if (found == Follower::Found::kTrouble || found == Follower::Found::kLater) return Failed();
    follower_.Apply();
    // A broker keeps records of its own, which take offsets and can not be read.
    if (found == Follower::Found::kNothing) break;
  }
  return waiting_.commits.empty() ? nullptr : &waiting_.commits.front();
}

int64_t CommitReader::recorded_time_us() const {
  const auto facts = ReadFacts(*waiting_.commits.front().events.back().body);
  return facts ? facts->recorded_time_us : 0;
}

}  // namespace crm::log
