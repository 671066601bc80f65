#include "libs/log/copy.h"

#include <chrono>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "libs/log/commit_reader.h"
#include "libs/log/copy_end.h"
#include "libs/log/copy_writer.h"
#include "libs/record/sha256.h"

namespace crm::log {
namespace {

using record::Done;
using record::Error;
using record::Result;

constexpr auto kLongestWait = std::chrono::seconds(60);
constexpr auto kPause = std::chrono::milliseconds(20);

std::optional<Envelope> EnvelopeOf(const Stored& message) {
  const auto parts = SplitBody(*message.body);
  Envelope envelope;
  if (!parts ||
      !envelope.ParseFromArray(parts->envelope.data(), static_cast<int>(parts->envelope.size()))) {
    return std::nullopt;
  }
  return envelope;
}

class Sums {
 public:
  // What makes an event this one, wherever it lies.
  void Add(Envelope envelope, std::string_view value) {
    envelope.clear_claim();
    envelope.clear_claim_id();
    envelope.clear_seq();
    auto& sum = sums_[envelope.tenant()];
    const std::string body = EncodeBody(envelope, value);
    const uint64_t size = body.size();
    sum.hash.Add({reinterpret_cast<const char*>(&size), sizeof size});
    sum.hash.Add(body);
    ++sum.events;
  }

  TenantSums Take() {
    TenantSums taken;
    for (auto& [tenant, sum] : sums_) taken[tenant] = {sum.events, sum.hash.FinishHex()};
    return taken;
  }

 private:
  struct Sum {
    record::Sha256 hash;
    uint64_t events = 0;
  };
  std::map<std::string, Sum> sums_;
};

// All partitions' commits, by recorded time.
class MergedReader {
 public:
  MergedReader(Log& log, const record::Clock& clock) {
    for (int partition = 0; partition < log.partitions(); ++partition) {
      readers_.push_back(std::make_unique<CommitReader>(log, partition, clock));
    }
  }

  // The reader that has the next one, and its partition; null at the end.
  Result<CommitReader*> Next(int* partition) {
    CommitReader* first = nullptr;
    for (size_t i = 0; i < readers_.size(); ++i) {
      const auto front = readers_[i]->Front();
      if (!front) return front.error();
      if (!*front) continue;
      if (first && readers_[i]->recorded_time_us() >= first->recorded_time_us()) continue;
      first = readers_[i].get();
      *partition = static_cast<int>(i);
    }
    return first;
  }

 private:
  std::vector<std::unique_ptr<CommitReader>> readers_;
};

class Copying {
 public:
  Copying(Log& from, Log& to, const CopyOptions& options, const record::Clock& clock,
          record::Random& random)
      : from_(from), to_(to), options_(options), reader_(from, clock) {
    for (int partition = 0; partition < to.partitions(); ++partition) {
      writers_.push_back(std::make_unique<CopyWriter>(to, partition, clock, random));
    }
  }

  Result<Copied> Run() {
    for (int partition = 0;;) {
      const auto next = reader_.Next(&partition);
      if (!next) return next.error();
      if (!*next) break;
      auto added = Add(**(*next)->Front(), partition);
      if (!added) return added.error();
      (*next)->Pop();
    }
    for (auto& writer : writers_) {
      auto sent = writer->Send();
      if (!sent) return sent.error();
    }
    copied_.tenants = sums_.Take();
    return std::move(copied_);
  }

  // The target is a log like another from now on.
  Result<Done> Release() {
    for (auto& writer : writers_) {
      auto released = writer->Release();
      if (!released) return released;
    }
    return Done{};
  }

 private:
  Result<Done> Add(const Commit& commit, int partition) {
    const auto first = EnvelopeOf(commit.events.front());
    if (!first) return Error{"an event can not be read"};
    const bool of_partition = first->tenant().empty();
    if (of_partition && from_.partitions() != to_.partitions()) {
      ++copied_.positions_left_out;
      return Done{};
    }
    const int target = of_partition ? partition : options_.place(first->tenant(), to_.partitions());
    CopyWriter& writer = *writers_[static_cast<size_t>(target)];
    for (const Stored& event : commit.events) {
      const auto envelope = EnvelopeOf(event);
      const auto parts = SplitBody(*event.body);
      if (!envelope || !parts) return Error{"an event can not be read"};
      if (!of_partition) sums_.Add(*envelope, parts->value);
      writer.Add(*envelope, parts->value);
    }
    ++copied_.commits;
    events_ += commit.events.size();
    options_.copied(events_);
    return writer.full() ? writer.Send() : Done{};
  }

  Log& from_;
  Log& to_;
  const CopyOptions& options_;
  MergedReader reader_;
  std::vector<std::unique_ptr<CopyWriter>> writers_;
  Sums sums_;
  uint64_t events_ = 0;
  Copied copied_;
};

// A topic that was just made may have no leader yet.
Result<int64_t> EndOf(Log& log, int partition) {
  const auto give_up = std::chrono::steady_clock::now() + kLongestWait;
  while (true) {
    auto end = log.End(partition);
    const bool again = !end && end.error().retry;
    if (!again || std::chrono::steady_clock::now() > give_up) return end;
    std::this_thread::sleep_for(kPause);
  }
}

}  // namespace

Result<TenantSums> SumUp(Log& log, const record::Clock& clock,
                         const std::function<void(uint64_t events)>& progress) {
  Sums sums;
  uint64_t events = 0;
  for (int partition = 0; partition < log.partitions(); ++partition) {
    CommitReader reader(log, partition, clock);
    for (;;) {
      const auto front = reader.Front();
      if (!front) return front.error();
      if (!*front) break;
      for (const Stored& event : (*front)->events) {
        const auto envelope = EnvelopeOf(event);
        const auto parts = SplitBody(*event.body);
        if (!envelope || !parts) return Error{"an event can not be read"};
        if (!envelope->tenant().empty()) sums.Add(*envelope, parts->value);
      }
      events += (*front)->events.size();
      progress(events);
      reader.Pop();
    }
  }
  return sums.Take();
}

Result<Copied> Copy(Log& from, Log& to, const CopyOptions& options, const record::Clock& clock,
                    record::Random& random) {
  for (int partition = 0; partition < to.partitions(); ++partition) {
    const auto end = EndOf(to, partition);
    if (!end) return end.error();
    if (*end != 0) return Error{"the target is not empty"};
  }
  const auto whole = CheckCopyEnded(from);
  if (!whole && !whole.error().retry)
    return Error{"the source is not whole: " + whole.error().text};
  Copying copying(from, to, options, clock, random);
  auto copied = copying.Run();
  if (!copied) return copied;
  const auto there = SumUp(to, clock, options.compared);
  if (!there) return there.error();
  if (*there != copied->tenants) return Error{"the target does not hold what was copied"};
  const auto released = copying.Release();
  if (!released) return released.error();
  return copied;
}

}  // namespace crm::log
