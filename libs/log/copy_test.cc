#include "libs/log/copy.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "libs/log/commit_reader.h"
#include "libs/log/copy_fixture.h"

// What counts is copied, and nothing else; wherever the tenants live afterwards.
namespace crm::log {
namespace {

using example::CopyTest;
using example::Open;
using example::Place;
using example::Scribe;

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
