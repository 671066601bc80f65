#include "libs/log/copy.h"

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include "libs/log/commit_reader.h"
#include "libs/log/copy_end.h"
#include "libs/log/embedded.h"
#include "libs/log/example_messages.h"
#include "libs/log/temporary_folder.h"

// What counts is copied, and nothing else; wherever the tenants live afterwards.
namespace crm::log {
namespace {

constexpr int64_t kTime = 1'700'000'000'000'000;

std::unique_ptr<Log> Open(const std::string& folder, int partitions) {
  auto log = OpenEmbedded({folder, partitions, 64 << 10});
  EXPECT_TRUE(log) << log.error().text;
  return std::move(log).value();
}

// As murmur2 would, only easier to see: by the tenant's last letter.
int Place(std::string_view tenant, int partitions) { return (tenant.back() - 'a') % partitions; }

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

struct Seen {
  std::string what;
  int64_t recorded_time_us;
  bool operator==(const Seen&) const = default;
};

// A partition's events that count.
std::vector<Seen> EventsOf(Log& log, int partition) {
  const record::SystemClock clock;
  CommitReader reader(log, partition, clock);
  std::vector<Seen> seen;
  for (;;) {
    const auto front = reader.Front();
    EXPECT_TRUE(front) << front.error().text;
    if (!front || !*front) return seen;
    for (const auto& event : (*front)->events) {
      const auto parts = SplitBody(*event.body);
      Envelope envelope;
      EXPECT_TRUE(envelope.ParseFromArray(parts->envelope.data(),
                                          static_cast<int>(parts->envelope.size())));
      seen.push_back({envelope.tenant() + ' ' + envelope.subject() + ' ' +
                          std::to_string(envelope.commit_index()) + '/' +
                          std::to_string(envelope.commit_count()) + ' ' + envelope.request() + ' ' +
                          envelope.cause(),
                      envelope.recorded_time_us()});
    }
    reader.Pop();
  }
}

// As a broker that is asked too early: it often fails, hands over nothing yet, or one message.
class Hesitant final : public Log {
 public:
  explicit Hesitant(Log& log) : log_(log) {}
  int partitions() const override { return log_.partitions(); }
  bool exclusive() const override { return log_.exclusive(); }
  std::unique_ptr<Producer> NewProducer(int partition, std::function<void()> wake) override {
    return log_.NewProducer(partition, std::move(wake));
  }
  record::Result<std::vector<Stored>> Read(int partition, int64_t from, size_t) override {
    ++asked_;
    if (asked_ % 3 == 0) return record::Error{"not leader for partition", true};
    if (asked_ % 3 == 1) return std::vector<Stored>();
    return log_.Read(partition, from, 1);
  }
  record::Result<int64_t> End(int partition) override {
    if (++asked_ % 2 == 0) return record::Error{"not leader for partition", true};
    return log_.End(partition);
  }

 private:
  Log& log_;
  int asked_ = 0;
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

TEST_F(CopyTest, TakesWhatCountsAndNothingElse) {
  const auto from = Open(folder_.path() + "/from", 2);
  const auto to = Open(folder_.path() + "/to", 2);
  Fill(*from);
  const auto copied = CopyTo(*from, *to);
  ASSERT_TRUE(copied) << copied.error().text;
  EXPECT_EQ(copied->commits, 5u);
  EXPECT_EQ(copied->tenants.at("a").events, 2u);
  EXPECT_EQ(copied->tenants.at("b").events, 2u);
  EXPECT_EQ(copied->tenants.at("c").events, 2u);
  for (int partition = 0; partition < 2; ++partition) {
    EXPECT_EQ(EventsOf(*to, partition), EventsOf(*from, partition));
  }
  EXPECT_EQ(EventsOf(*to, 0).size(), 4u);
  EXPECT_EQ(*SumUp(*to, clock_), *SumUp(*from, clock_));
}

TEST_F(CopyTest, MovesTenantsWhereTheyLiveAmongOtherPartitions) {
  const auto from = Open(folder_.path() + "/from", 2);
  Fill(*from);
  for (const int partitions : {1, 3}) {
    const auto to = Open(folder_.path() + "/to" + std::to_string(partitions), partitions);
    const auto copied = CopyTo(*from, *to);
    ASSERT_TRUE(copied) << copied.error().text;
    for (int partition = 0; partition < partitions; ++partition) {
      int64_t last = 0;
      for (const auto& event : EventsOf(*to, partition)) {
        EXPECT_EQ(Place(event.what.substr(0, 1), partitions), partition) << event.what;
        EXPECT_GE(event.recorded_time_us, last) << "recorded times go back";
        last = event.recorded_time_us;
      }
    }
    EXPECT_EQ(*SumUp(*to, clock_), *SumUp(*from, clock_));
  }
}

TEST_F(CopyTest, ThereAndBackIsTheSame) {
  const auto from = Open(folder_.path() + "/from", 2);
  const auto there = Open(folder_.path() + "/there", 5);
  const auto back = Open(folder_.path() + "/back", 2);
  Fill(*from);
  ASSERT_TRUE(CopyTo(*from, *there));
  ASSERT_TRUE(CopyTo(*there, *back));
  EXPECT_EQ(*SumUp(*back, clock_), *SumUp(*from, clock_));
}

TEST_F(CopyTest, ABrokerThatHesitatesIsReadToItsEnd) {
  const auto from = Open(folder_.path() + "/from", 2);
  const auto to = Open(folder_.path() + "/to", 2);
  Fill(*from);
  Hesitant slow_from(*from), slow_to(*to);
  const auto copied = CopyTo(slow_from, slow_to);
  ASSERT_TRUE(copied) << copied.error().text;
  EXPECT_EQ(copied->commits, 5u);
  EXPECT_EQ(*SumUp(*to, clock_), *SumUp(*from, clock_));
}

TEST_F(CopyTest, TheTargetMustBeEmpty) {
  const auto from = Open(folder_.path() + "/from", 2);
  const auto to = Open(folder_.path() + "/to", 2);
  Fill(*from);
  Scribe(*to).Claim(1, 1);
  const auto copied = CopyTo(*from, *to);
  ASSERT_FALSE(copied);
  EXPECT_EQ(copied.error().text, "the target is not empty");
}

TEST_F(CopyTest, TheNextOwnerNeedNotWaitForALease) {
  const auto from = Open(folder_.path() + "/from", 2);
  const auto to = Open(folder_.path() + "/to", 2);
  Fill(*from);
  ASSERT_TRUE(CopyTo(*from, *to));
  for (int partition = 0; partition < 2; ++partition) {
    Automaton automaton;
    std::optional<Commit> commit;
    const auto read = to->Read(partition, 0, 1 << 20);
    ASSERT_TRUE(read);
    for (const auto& message : *read) {
      EXPECT_NE(automaton.Feed(message, &commit), Verdict::kImpossible) << automaton.trouble();
    }
    EXPECT_TRUE(automaton.state().released);
    EXPECT_EQ(automaton.state().partitions, 2u);
  }
}

// As a target whose copier is killed: nothing that comes after the first so many groups is written.
class CutShort final : public Log {
 public:
  CutShort(Log& log, int groups) : log_(log), left_(groups) {}
  int partitions() const override { return log_.partitions(); }
  bool exclusive() const override { return log_.exclusive(); }
  std::unique_ptr<Producer> NewProducer(int partition, std::function<void()> wake) override {
    return std::make_unique<Cut>(log_.NewProducer(partition, std::move(wake)), left_);
  }
  record::Result<std::vector<Stored>> Read(int partition, int64_t from, size_t bytes) override {
    return log_.Read(partition, from, bytes);
  }
  record::Result<int64_t> End(int partition) override { return log_.End(partition); }

 private:
  class Cut final : public Producer {
   public:
    Cut(std::unique_ptr<Producer> producer, int& left)
        : producer_(std::move(producer)), left_(left) {}
    void Send(std::vector<Outgoing> messages) override {
      if (left_-- > 0) return producer_->Send(std::move(messages));
      cut_ = true;
    }
    std::vector<Report> TakeReports() override {
      if (cut_) return {{0, Report::Outcome::kFailed, -1, "killed"}};
      return producer_->TakeReports();
    }

   private:
    std::unique_ptr<Producer> producer_;
    int& left_;
    bool cut_ = false;
  };
  Log& log_;
  int left_;
};

TEST_F(CopyTest, ThatWasInterruptedIsKnownWhereverThatWas) {
  const auto from = Open(folder_.path() + "/from", 2);
  Fill(*from);
  EXPECT_TRUE(CheckCopyEnded(*from));
  // Two partitions get their events, then both are released.
  constexpr int kGroups = 4;
  for (int groups = 1; groups <= kGroups; ++groups) {
    const auto to = Open(folder_.path() + "/to" + std::to_string(groups), 2);
    EXPECT_TRUE(CheckCopyEnded(*to)) << "nothing was copied yet";
    CutShort cut(*to, groups);
    EXPECT_EQ(static_cast<bool>(CopyTo(*from, cut)), groups == kGroups) << groups;
    const auto ended = CheckCopyEnded(*to);
    EXPECT_EQ(static_cast<bool>(ended), groups == kGroups) << groups;
    if (ended) continue;
    EXPECT_FALSE(ended.error().retry);
    // Neither can it be copied on.
    const auto next = Open(folder_.path() + "/next" + std::to_string(groups), 2);
    const auto again = CopyTo(*to, *next);
    ASSERT_FALSE(again) << groups;
    EXPECT_NE(again.error().text.find("the source is not whole"), std::string::npos);
    EXPECT_EQ(*next->End(0), 0);
  }
}

TEST_F(CopyTest, OfALogThatIsServedSinceIsWhole) {
  const auto from = Open(folder_.path() + "/from", 2);
  const auto to = Open(folder_.path() + "/to", 2);
  Fill(*from);
  ASSERT_TRUE(CopyTo(*from, *to));
  Scribe(*to).Claim(0, 2);
  EXPECT_TRUE(CheckCopyEnded(*to));
}

TEST_F(CopyTest, SumsTellALogWithAnEventLess) {
  const auto one = Open(folder_.path() + "/one", 1);
  const auto other = Open(folder_.path() + "/other", 1);
  for (Log* log : {one.get(), other.get()}) {
    Scribe scribe(*log);
    scribe.Claim(0, 1);
    scribe.Event(0, 1, 1, "a", "first");
    scribe.Event(0, 1, 2, "a", log == one.get() ? "second" : "another");
  }
  const auto first = *SumUp(*one, clock_);
  const auto second = *SumUp(*other, clock_);
  EXPECT_EQ(first.at("a").events, second.at("a").events);
  EXPECT_NE(first.at("a").hash, second.at("a").hash);
}

}  // namespace
}  // namespace crm::log
