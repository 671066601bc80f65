#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "libs/log/embedded.h"
#include "libs/log/follower.h"
#include "libs/log/own_record.h"
#include "libs/store/example_commits.h"

namespace crm::store::example {

inline std::unique_ptr<log::Log> OpenLog(const std::string& folder) {
  log::EmbeddedOptions options;
  options.folder = folder;
  options.partitions = 1;
  auto log = log::OpenEmbedded(options);
  if (!log) ADD_FAILURE() << log.error().text;
  return std::move(log).value();
}

// Writes single events under the log's first claim, as an owner would.
class LogWriter {
 public:
  explicit LogWriter(log::Log& log, uint64_t claim_id = 7)
      : claim_id_(claim_id), producer_(log.NewProducer(0, [this] {
          { const std::lock_guard lock(mutex_); }
          woken_.notify_one();
        })) {
    event::v1::Claim claim;
    claim.set_number(1);
    claim.set_id(claim_id_);
    claim.set_log_id(claim_id_);
    claim.set_partitions(1);
    log::Envelope envelope;
    envelope.set_type(std::string(log::kClaimType));
    envelope.set_claim(1);
    envelope.set_claim_id(claim_id_);
    messages_.push_back({0, std::make_shared<const std::string>(
                                log::EncodeBody(envelope, log::ClaimValue(claim)))});
  }

  // `body` is that of a commit of one event.
  void Add(const std::string& body) {
    const auto parts = log::SplitBody(body);
    log::Envelope envelope;
    EXPECT_TRUE(parts && envelope.ParseFromArray(parts->envelope.data(),
                                                 static_cast<int>(parts->envelope.size())));
    envelope.set_claim_id(claim_id_);
    envelope.set_seq(++seq_);
    messages_.push_back(
        {seq_, std::make_shared<const std::string>(log::EncodeBody(envelope, parts->value))});
    if (messages_.size() >= kAtOnce) Send();
  }

  // Returns when everything is in the log.
  void Send() {
    size_t left = messages_.size();
    producer_->Send(std::exchange(messages_, {}));
    while (left > 0) {
      left -= producer_->TakeReports().size();  // not locked: it may wait for who wakes
      if (left == 0) return;
      std::unique_lock lock(mutex_);
      woken_.wait_for(lock, std::chrono::milliseconds(10));
    }
  }

 private:
  static constexpr size_t kAtOnce = 1000;
  const uint64_t claim_id_;
  std::mutex mutex_;
  std::condition_variable woken_;
  std::vector<log::Outgoing> messages_;
  uint64_t seq_ = 0;
  std::unique_ptr<log::Producer> producer_;
};

// Waits for a log that fetches ahead.
class Arrivals {
 public:
  explicit Arrivals(log::Log& log)
      : watch_(log.Watch(0, [this] {
          {
            const std::lock_guard lock(mutex_);
            arrived_ = true;
          }
          came_.notify_one();
        })) {}
  // Until something may have come since the last call, or for a moment.
  void Await() {
    std::unique_lock lock(mutex_);
    came_.wait_for(lock, std::chrono::milliseconds(100), [this] { return arrived_; });
    arrived_ = false;
  }

 private:
  std::mutex mutex_;
  std::condition_variable came_;
  bool arrived_ = false;
  const std::shared_ptr<void> watch_;
};

// Reads the log to its end into a projection; how many messages that were.
inline int64_t Follow(log::Log& log, log::Projection& projection) {
  constexpr size_t kReadBytes = 4 << 20;
  const record::SystemClock clock;
  log::Follower follower(log, 0, projection, clock, kReadBytes, {});
  const int64_t from = follower.state().next;
  int64_t end = 0;
  EXPECT_EQ(follower.AskEnd(&end), log::Follower::Found::kSome);
  follower.Expect(end);
  Arrivals arrivals(log);
  while (follower.state().next < end && follower.trouble().empty()) {
    if (follower.Read() == log::Follower::Found::kSome) {
      follower.Apply();
    } else {
      arrivals.Await();
    }
  }
  EXPECT_EQ(follower.state().next, end);
  return end - from;
}

}  // namespace crm::store::example
