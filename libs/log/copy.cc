#include "libs/log/copy.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "libs/log/commit_reader.h"
#include "libs/log/own_record.h"
#include "libs/record/sha256.h"
#include "libs/record/uuid.h"

namespace crm::log {
namespace {

using record::Done;
using record::Error;
using record::Result;

constexpr size_t kGroupBytes = 2 << 20;
constexpr uint64_t kProgressEvery = 10'000;  // commits
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

// One partition of the target, under the first claim of it.
class Writer {
 public:
  Writer(Log& log, int partition, const CopyOptions& options, const record::Clock& clock,
         record::Random& random)
      : clock_(clock), random_(random), producer_(log.NewProducer(partition, [this] {
          {
            const std::lock_guard lock(mutex_);
            arrived_ = true;
          }
          woken_.notify_one();
        })) {
    while (id_ == 0) id_ = random_.Next();
    event::v1::Claim claim;
    claim.set_number(1);
    claim.set_id(id_);
    claim.set_log_id(id_);
    claim.set_partitions(static_cast<uint32_t>(log.partitions()));
    claim.set_address(options.address);
    claim_ = ClaimValue(claim);
  }

  // The copied events' source and schema are the log's own records', too.
  void Add(Envelope envelope, std::string_view value) {
    if (!begun_) {
      begun_ = true;
      like_ = envelope;
      AddOwn(kClaimType, claim_, envelope.recorded_time_us());
    }
    recorded_time_us_ = envelope.recorded_time_us();
    Number(&envelope);
    Gather(EncodeBody(envelope, value), envelope.seq());
  }
  bool full() const { return bytes_ >= kGroupBytes; }

  // Returns when what was added is in the log.
  Result<Done> Send() {
    size_t left = messages_.size();
    if (left == 0) return Done{};
    producer_->Send(std::exchange(messages_, {}));
    bytes_ = 0;
    const auto give_up = std::chrono::steady_clock::now() + kLongestWait;
    while (left > 0) {
      // Without the lock, which whoever signals takes while holding the producer's own.
      for (const Report& report : producer_->TakeReports()) {
        if (report.outcome == Report::Outcome::kFailed) return Error{report.text};
        --left;
      }
      if (left == 0) break;
      if (std::chrono::steady_clock::now() > give_up) return Error{"the target does not answer"};
      std::unique_lock lock(mutex_);
      woken_.wait_for(lock, std::chrono::milliseconds(100),
                      [this] { return std::exchange(arrived_, false); });
    }
    return Done{};
  }

  // Whoever claims next need not wait for a lease.
  Result<Done> Release() {
    if (!begun_) AddOwn(kClaimType, claim_, clock_.Wall());
    AddOwn(kReleasedType, ReleasedValue(), recorded_time_us_);
    return Send();
  }

 private:
  void AddOwn(std::string_view type, const std::string& value, int64_t recorded_time_us) {
    begun_ = true;
    recorded_time_us_ = std::max(recorded_time_us_, recorded_time_us);
    Envelope envelope;
    const auto sub = static_cast<uint16_t>(random_.Next() & 0xfff);
    const auto id = record::MakeUuidV7(recorded_time_us_, sub, random_.Next());
    envelope.set_id(std::string(id.Bytes()));
    envelope.set_source(like_.source());
    envelope.set_dataschema(like_.dataschema());
    envelope.set_type(std::string(type));
    envelope.set_time_us(recorded_time_us_);
    envelope.set_recorded_time_us(recorded_time_us_);
    Number(&envelope);
    Gather(EncodeBody(envelope, value), envelope.seq());
  }
  void Number(Envelope* envelope) {
    envelope->set_claim(1);
    envelope->set_claim_id(id_);
    envelope->set_seq(next_seq_++);
  }
  void Gather(std::string body, uint64_t seq) {
    bytes_ += body.size();
    messages_.push_back({seq, std::make_shared<const std::string>(std::move(body))});
  }

  const record::Clock& clock_;
  record::Random& random_;
  std::mutex mutex_;
  std::condition_variable woken_;
  bool arrived_ = false;  // a report may have come since the last look
  uint64_t id_ = 0;
  std::string claim_;
  bool begun_ = false;
  Envelope like_;
  int64_t recorded_time_us_ = 0;
  uint64_t next_seq_ = 0;
  std::vector<Outgoing> messages_;
  size_t bytes_ = 0;
  std::unique_ptr<Producer> producer_;
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
      writers_.push_back(std::make_unique<Writer>(to, partition, options, clock, random));
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
      auto released = writer->Release();
      if (!released) return released.error();
    }
    copied_.tenants = sums_.Take();
    return std::move(copied_);
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
    Writer& writer = *writers_[static_cast<size_t>(target)];
    for (const Stored& event : commit.events) {
      const auto envelope = EnvelopeOf(event);
      const auto parts = SplitBody(*event.body);
      if (!envelope || !parts) return Error{"an event can not be read"};
      if (!of_partition) sums_.Add(*envelope, parts->value);
      writer.Add(*envelope, parts->value);
    }
    if (++copied_.commits % kProgressEvery == 0) options_.progress(copied_.commits);
    return writer.full() ? writer.Send() : Done{};
  }

  Log& from_;
  Log& to_;
  const CopyOptions& options_;
  MergedReader reader_;
  std::vector<std::unique_ptr<Writer>> writers_;
  Sums sums_;
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

Result<TenantSums> SumUp(Log& log, const record::Clock& clock) {
  Sums sums;
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
  auto copied = Copying(from, to, options, clock, random).Run();
  if (!copied) return copied;
  const auto there = SumUp(to, clock);
  if (!there) return there.error();
  if (*there != copied->tenants) return Error{"the target does not hold what was copied"};
  return copied;
}

}  // namespace crm::log
