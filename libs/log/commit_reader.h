#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "libs/log/follower.h"

namespace crm::log {

// One partition's commits that count, one after the other, up to the end that the log has when it
// is first asked. What fails is tried again for half a minute.
class CommitReader {
 public:
  CommitReader(Log& log, int partition, const record::Clock& clock);

  // The next one; null at the end. Stays until Pop().
  record::Result<const Commit*> Front();
  void Pop() { waiting_.commits.pop_front(); }
  // When the next one was recorded; only if there is one.
  int64_t recorded_time_us() const;

 private:
  class Waiting final : public Projection {
   public:
    Automaton::State Load() override { return {}; }
    void Apply(std::span<const Commit> some, const Automaton::State&) override {
      commits.insert(commits.end(), some.begin(), some.end());
    }
    std::deque<Commit> commits;
  };
  record::Error Failed() const;
  bool EndsInOthersRecords();

  Log& log_;
  const int partition_;
  Waiting waiting_;
  Follower follower_;
  std::optional<int64_t> end_;
};

}  // namespace crm::log
