#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "libs/log/kafka_log.h"
#include "libs/log/memory_projection.h"
#include "libs/log/owner.h"
#include "libs/log/seeded.h"
#include "tests/kafka/proxy.h"
#include "tests/server/kafka.h"

// A broker that forgets idle producers early, a proxy in front of it, and owners and readers on it.
namespace crm::log {

using Values = std::vector<std::string>;

// Real time, and a test may skip some.
class ShiftedClock final : public record::Clock {
 public:
  record::Instant Wall() const override { return clock_.Wall(); }
  int64_t Boottime() const override { return clock_.Boottime() + shift_; }
  void Advance(int64_t micros) { shift_ += micros; }

 private:
  record::SystemClock clock_;
  int64_t shift_ = 0;
};

// What happens within a test's patience, or fails it.
bool Await(const std::function<bool()>& condition, int timeout_ms = 30'000);

class KafkaGround : public testing::Test {
 protected:
  // After this time without a word the broker has forgotten a producer.
  static constexpr int kForgottenMs = 2'500;

  KafkaGround();
  ~KafkaGround() override;

  static test::Kafka& kafka();
  static test::Proxy& proxy();

  KafkaOptions Options(int partitions, bool proxied) const;
  // `producer` is what is provoked on purpose.
  std::unique_ptr<Log> Open(int partitions, bool proxied,
                            const kafka::ProducerOptions& producer = {});

  // The topic, with some settings changed; and away with it, behind everybody's back.
  void CreateTopic(int partitions, const std::map<std::string, std::string>& settings = {});
  void DeleteTopic();

  // Where a partition ends, once the broker tells it.
  static int64_t EndOf(Log& log, int partition);
  // Every message of a partition, whether it counts or not: its value, or `#` and the type's last
  // word for the log's own.
  Values Raw(int partition = 0);
  // The value of each commit that a reader from the beginning shows.
  Values Shown(int partition = 0, Mutations mutations = {}, Follower::Counts* counts = nullptr);
  // R2, R3: in order, none twice.
  static void ExpectNoHoleAndNoDouble(const Values& decided, const Values& shown);

  std::unique_ptr<RdKafka::Producer> NewClient() const;

  const std::string topic_;
  int partitions_ = 1;
  ShiftedClock clock_;
  SeededRandom random_;
};

// A shard as small as it can be: an owner, what it shows, and what it promised.
class Desk {
 public:
  Desk(Log& log, int partition, ShiftedClock& clock, record::Random& random,
       Mutations mutations = {});

  // Steps until it is the owner, has confirmed everything, or whatever is asked.
  bool Await(const std::function<bool()>& condition, int timeout_ms = 30'000);
  bool Claim();
  // Decides a commit of one event with this value and sends it.
  void Send(const std::string& value);
  // False also if the claim that something was sent under was lost before.
  bool AllConfirmed();
  void Step(int milliseconds);

  Owner& owner() { return *owner_; }
  const Values& decided() const { return decided_; }
  // Values of the commits that were confirmed, so may have been answered OK.
  Values Acknowledged();

 private:
  void Collect();

  MemoryProjection projection_;
  std::unique_ptr<Owner> owner_;
  uint64_t epoch_ = 0;
  Values decided_;
  std::map<uint64_t, std::string> open_;
  bool lost_ = false;  // something that was sent, since the newest Claim()
  Values acknowledged_;
};

// A producer that sends whatever it is told, without an owner's rules: claim 1, then values.
class Session {
 public:
  explicit Session(Log& log, int partition, uint64_t claim_id, int partitions);
  // The claim landed.
  bool Claim();
  void Send(const std::string& value);
  // All reports since the claim's, after waiting for so many.
  const std::vector<Report>& Reports(size_t count, int timeout_ms = 30'000);
  const Values& sent() const { return sent_; }

 private:
  const int partitions_;
  const uint64_t claim_id_;
  uint64_t seq_ = 0;
  std::unique_ptr<Producer> producer_;
  std::vector<Report> reports_;
  Values sent_;
};

}  // namespace crm::log
