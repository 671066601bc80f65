#include "tests/chaos/linearizable.h"

#include <algorithm>
#include <set>
#include <utility>

namespace crm::test {
namespace {

// Operations that were put in order already, and what the record then holds.
struct Configuration {
  std::vector<bool> done;
  int64_t value = 0;
  auto operator<=>(const Configuration&) const = default;
};

class Search {
 public:
  explicit Search(std::vector<Operation> history) : operations_(std::move(history)) {
    std::sort(operations_.begin(), operations_.end(),
              [](const Operation& a, const Operation& b) { return a.invoked < b.invoked; });
    now_.done.assign(operations_.size(), false);
  }

  bool Run() {
    // Depth first; `candidate` is where to go on looking at this depth.
    for (size_t candidate = 0;;) {
      if (AllKnownDone()) return true;
      candidate = NextPossible(candidate);
      if (candidate < operations_.size()) {
        Take(candidate);
        candidate = 0;
        continue;
      }
      if (taken_.empty()) return false;
      candidate = Undo() + 1;
    }
  }

 private:
  struct Step {
    size_t operation;
    int64_t value_before;
  };

  bool AllKnownDone() const {
    for (size_t i = 0; i < operations_.size(); ++i) {
      if (!now_.done[i] && operations_[i].ended != kNever) return false;
    }
    return true;
  }

  // Nothing that is not in order yet may have ended before it began.
  int64_t FirstEnd() const {
    int64_t first = kNever;
    for (size_t i = 0; i < operations_.size(); ++i) {
      if (!now_.done[i]) first = std::min(first, operations_[i].ended);
    }
    return first;
  }

  size_t NextPossible(size_t from) {
    const int64_t first_end = FirstEnd();
    for (size_t i = from; i < operations_.size(); ++i) {
      const Operation& next = operations_[i];
      if (next.invoked > first_end) break;
      if (now_.done[i]) continue;
      if (next.kind == Operation::Kind::kRead && next.value != now_.value) continue;
      if (IsNew(i)) return i;
    }
    return operations_.size();
  }

  bool IsNew(size_t operation) {
    Configuration after = now_;
    after.done[operation] = true;
    if (operations_[operation].kind == Operation::Kind::kWrite)
      after.value = operations_[operation].value;
    return seen_.insert(std::move(after)).second;
  }

  void Take(size_t operation) {
    taken_.push_back({operation, now_.value});
    now_.done[operation] = true;
    if (operations_[operation].kind == Operation::Kind::kWrite)
      now_.value = operations_[operation].value;
  }

  size_t Undo() {
    const Step step = taken_.back();
    taken_.pop_back();
    now_.done[step.operation] = false;
    now_.value = step.value_before;
    return step.operation;
  }

  std::vector<Operation> operations_;
  Configuration now_;
  std::vector<Step> taken_;
  std::set<Configuration> seen_;
};

}  // namespace

bool IsLinearizable(const std::vector<Operation>& history) { return Search(history).Run(); }

std::string Print(const std::vector<Operation>& history) {
  std::vector<Operation> sorted = history;
  std::sort(sorted.begin(), sorted.end(),
            [](const Operation& a, const Operation& b) { return a.invoked < b.invoked; });
  std::string text;
  for (const Operation& each : sorted) {
    text += each.kind == Operation::Kind::kRead ? "read " : "write ";
    text += std::to_string(each.value) + " from " + std::to_string(each.invoked) + " to ";
    text += (each.ended == kNever ? "?" : std::to_string(each.ended)) + "\n";
  }
  return text;
}

}  // namespace crm::test
