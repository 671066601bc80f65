#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>

#include "libs/log/copy.h"
#include "libs/log/embedded.h"
#include "libs/log/example_messages.h"
#include "libs/log/temporary_folder.h"

// Logs to copy, for tests.
namespace crm::log::example {

inline constexpr int64_t kTime = 1'700'000'000'000'000;

inline std::unique_ptr<Log> Open(const std::string& folder, int partitions) {
  auto log = OpenEmbedded({folder, partitions, 64 << 10});
  EXPECT_TRUE(log) << log.error().text;
  return std::move(log).value();
}

// As murmur2 would, only easier to see: by the tenant's last letter.
inline int Place(std::string_view tenant, int partitions) {
  return (tenant.back() - 'a') % partitions;
}

// Writes messages into a log as they are given, right or wrong.
class Scribe {
 public:
  explicit Scribe(Log& log) : log_(log) {}

  void Write(int partition, uint64_t seq, example::Body body) {
    std::mutex mutex;
    std::condition_variable woken;
    const auto producer = log_.NewProducer(partition, [&] {
      { const std::lock_guard lock(mutex); }
      woken.notify_one();
    });
    producer->Send({{seq, std::move(body)}});
    std::unique_lock lock(mutex);
    while (producer->TakeReports().empty()) woken.wait_for(lock, std::chrono::milliseconds(5));
  }
  void Claim(int partition, uint64_t number) {
    Write(partition, 0,
          example::ClaimRecord({number, number}, 1, static_cast<uint32_t>(log_.partitions())));
  }
  void Event(int partition, uint64_t claim, uint64_t seq, const std::string& tenant,
             const std::string& what, uint32_t index = 1, uint32_t count = 1) {
    Envelope envelope = example::EnvelopeUnder({claim, claim}, seq);
    envelope.set_type("crm.sales.v1.lead.created");
    envelope.set_tenant(tenant);
    envelope.set_subject("leads/" + what);
    envelope.set_commit_index(index);
    envelope.set_commit_count(count);
    envelope.set_recorded_time_us(kTime + ++time_);
    envelope.set_time_us(kTime - 5);
    if (index == count) {
      envelope.set_request("request of " + what);
      envelope.set_cause("marketing/1@" + std::to_string(time_));
    }
    Write(partition, seq, example::Encode(envelope, "value of " + what));
  }

 private:
  Log& log_;
  int64_t time_ = 0;
};

class CopyTest : public testing::Test {
 protected:
  // Two partitions with everything that may lie in a log.
  void Fill(Log& log) {
    Scribe scribe(log);
    scribe.Claim(0, 1);
    scribe.Claim(1, 1);
    scribe.Event(0, 1, 1, "a", "first");
    scribe.Event(1, 1, 1, "b", "second");
    scribe.Event(0, 1, 2, "c", "third", 1, 2);
    scribe.Event(0, 1, 3, "c", "fourth", 2, 2);
    scribe.Event(0, 1, 3, "c", "doubled", 2, 2);
    scribe.Event(1, 1, 2, "b", "fifth");
    scribe.Claim(0, 2);
    scribe.Event(0, 1, 4, "a", "deposed");
    scribe.Event(0, 2, 1, "a", "sixth");
    scribe.Event(1, 1, 4, "b", "behind a hole");
    scribe.Event(0, 2, 2, "a", "never finished", 1, 2);
  }
  record::Result<Copied> CopyTo(Log& from, Log& to) {
    CopyOptions options;
    options.place = Place;
    return Copy(from, to, options, clock_, random_);
  }

  TemporaryFolder folder_;
  record::SystemClock clock_;
  record::SystemRandom random_;
};

}  // namespace crm::log::example
