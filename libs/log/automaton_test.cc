#include "libs/log/automaton.h"

#include <gtest/gtest.h>

#include "libs/log/example_messages.h"

namespace crm::log {
namespace {

using example::Body;
using example::ClaimKey;
using example::ClaimRecord;
using example::Event;
using example::OwnRecord;

constexpr ClaimKey kFirst{1, 1};
constexpr ClaimKey kSecond{2, 22};

// Feeds bodies one behind the other and remembers what came out.
class AutomatonTest : public testing::Test {
 protected:
  Verdict Feed(Body body) { return FeedAt(automaton_.state().next, std::move(body)); }

  Verdict FeedAt(int64_t offset, Body body) {
    std::optional<Commit> commit;
    const Verdict verdict = automaton_.Feed({offset, std::move(body)}, &commit);
    if (commit) commits_.push_back(std::move(*commit));
    return verdict;
  }

  Automaton automaton_;
  std::vector<Commit> commits_;
};

TEST_F(AutomatonTest, CountsClaimsEventsAndTheLogsOwnRecords) {
  EXPECT_EQ(Feed(ClaimRecord(kFirst)), Verdict::kClaim);
  EXPECT_EQ(Feed(Event(kFirst, 1)), Verdict::kCounts);
  EXPECT_EQ(Feed(OwnRecord(kFirst, 2, kAliveType, AliveValue())), Verdict::kCounts);
  EXPECT_EQ(Feed(Event(kFirst, 3, 1, 2)), Verdict::kCounts);
  EXPECT_FALSE(automaton_.between_commits());
  EXPECT_EQ(Feed(Event(kFirst, 4, 2, 2)), Verdict::kCounts);
  EXPECT_TRUE(automaton_.between_commits());
  ASSERT_EQ(commits_.size(), 2u);
  EXPECT_EQ(commits_[0].position(), 1);
  EXPECT_EQ(commits_[1].events.size(), 2u);
  EXPECT_EQ(commits_[1].position(), 4);
  EXPECT_EQ(automaton_.state().log_id, 1u);
  EXPECT_EQ(automaton_.state().next_seq, 5u);
  EXPECT_EQ(automaton_.state().last_seq, 4u);
  EXPECT_EQ(automaton_.state().recorded_time_us, 1'700'000'000'000'004);
}

TEST_F(AutomatonTest, AReactorsPositionIsACommitOfItsOwn) {
  Feed(ClaimRecord(kFirst));
  event::v1::Reached reached;
  reached.set_cause("sales/3@1234");
  EXPECT_EQ(Feed(OwnRecord(kFirst, 1, kReachedType, ReachedValue(reached))), Verdict::kCounts);
  ASSERT_EQ(commits_.size(), 1u);
}

TEST_F(AutomatonTest, ClaimsThatDoNotFollowTheNewestAreVoid) {
  Feed(ClaimRecord(kFirst));
  EXPECT_EQ(Feed(ClaimRecord({1, 77}, 77)), Verdict::kVoidClaim);  // beaten
  EXPECT_EQ(Feed(ClaimRecord(kSecond)), Verdict::kClaim);
  EXPECT_EQ(Feed(ClaimRecord(kSecond)), Verdict::kVoidClaim);  // doubled
  EXPECT_EQ(Feed(ClaimRecord(kFirst)), Verdict::kVoidClaim);   // late
  EXPECT_EQ(Feed(Event({2, 23}, 1)), Verdict::kDeposed);       // of a beaten claim
  EXPECT_EQ(Feed(Event(kSecond, 1)), Verdict::kCounts);
}

TEST_F(AutomatonTest, DuplicatesAndDeposedRecordsAreSkipped) {
  Feed(ClaimRecord(kFirst));
  Feed(Event(kFirst, 1));
  EXPECT_EQ(Feed(Event(kFirst, 1)), Verdict::kDuplicate);
  Feed(Event(kFirst, 2, 1, 2));
  Feed(ClaimRecord(kSecond));
  EXPECT_TRUE(automaton_.between_commits()) << "the open commit is dropped";
  EXPECT_EQ(Feed(Event(kFirst, 3, 2, 2)), Verdict::kDeposed);
  EXPECT_EQ(commits_.size(), 1u);
}

TEST_F(AutomatonTest, AHoleEndsTheClaim) {
  Feed(ClaimRecord(kFirst));
  Feed(Event(kFirst, 1, 1, 2));
  EXPECT_EQ(Feed(Event(kFirst, 3)), Verdict::kHole);
  EXPECT_EQ(Feed(Event(kFirst, 2, 2, 2)), Verdict::kAfterEnd);
  EXPECT_TRUE(automaton_.state().ended);
  EXPECT_TRUE(commits_.empty());
  Feed(ClaimRecord(kSecond));
  EXPECT_FALSE(automaton_.state().ended);
  EXPECT_FALSE(automaton_.state().predecessor_released);
}

TEST_F(AutomatonTest, ReleasedEndsTheClaimAndTellsTheNext) {
  Feed(ClaimRecord(kFirst));
  EXPECT_EQ(Feed(OwnRecord(kFirst, 1, kReleasedType, ReleasedValue())), Verdict::kReleased);
  EXPECT_EQ(Feed(Event(kFirst, 2)), Verdict::kAfterEnd);
  EXPECT_TRUE(automaton_.state().released);
  Feed(ClaimRecord(kSecond));
  EXPECT_TRUE(automaton_.state().predecessor_released);
  EXPECT_FALSE(automaton_.state().released);
  Feed(ClaimRecord({3, 33}));
  EXPECT_FALSE(automaton_.state().predecessor_released);
}

TEST_F(AutomatonTest, OffsetsMayJumpButNotGoBack) {
  Feed(ClaimRecord(kFirst));
  EXPECT_EQ(FeedAt(7, Event(kFirst, 1)), Verdict::kCounts);
  EXPECT_EQ(automaton_.state().next, 8);
  EXPECT_EQ(FeedAt(7, Event(kFirst, 2)), Verdict::kImpossible);
}

TEST_F(AutomatonTest, TheLongestLeaseCounts) {
  Feed(ClaimRecord(kFirst, 1, 1, 5000));
  Feed(ClaimRecord(kSecond, 1, 1, 3000));
  EXPECT_EQ(automaton_.state().lease_ms, 5000u);
}

TEST_F(AutomatonTest, SavedStateGoesOn) {
  Feed(ClaimRecord(kFirst));
  Feed(Event(kFirst, 1));
  Feed(Event(kFirst, 5));
  const auto saved = Automaton::State::Decode(automaton_.state().Encode());
  ASSERT_TRUE(saved);
  EXPECT_EQ(*saved, automaton_.state());
  automaton_ = Automaton(*saved);
  EXPECT_EQ(Feed(Event(kFirst, 2)), Verdict::kAfterEnd);
  EXPECT_EQ(Automaton::State::Decode(Automaton::State().Encode()), Automaton::State());
  EXPECT_FALSE(Automaton::State::Decode("\xff"));
}

using Make = std::vector<Body> (*)();
class ImpossibleTest : public testing::TestWithParam<std::pair<const char*, Make>> {};

TEST_P(ImpossibleTest, StopsTheReader) {
  Automaton automaton;
  std::optional<Commit> commit;
  const auto bodies = GetParam().second();
  int64_t offset = 0;
  for (size_t i = 0; i < bodies.size(); ++i) {
    const Verdict verdict = automaton.Feed({offset++, bodies[i]}, &commit);
    if (i + 1 < bodies.size()) {
      ASSERT_NE(verdict, Verdict::kImpossible) << automaton.trouble();
    } else {
      EXPECT_EQ(verdict, Verdict::kImpossible);
      EXPECT_NE(automaton.trouble().find(GetParam().first), std::string::npos)
          << automaton.trouble();
    }
  }
  // It stays stopped.
  EXPECT_EQ(automaton.Feed({offset, Event(kFirst, 1)}, &commit), Verdict::kImpossible);
}

Body Text(const char* text) { return std::make_shared<const std::string>(text); }

INSTANTIATE_TEST_SUITE_P(
    R5, ImpossibleTest,
    testing::Values(
        std::pair{"not one of this log's", Make([] { return std::vector{Text("\xff\xff\xff")}; })},
        std::pair{"begin", Make([] { return std::vector{Event(kFirst, 1)}; })},
        std::pair{"first claim", Make([] { return std::vector{ClaimRecord(kSecond)}; })},
        std::pair{"first claim", Make([] { return std::vector{ClaimRecord(kFirst, 9)}; })},
        std::pair{"missing", Make([] {
                    return std::vector{ClaimRecord(kFirst), ClaimRecord({3, 3})};
                  })},
        std::pair{"not seen", Make([] {
                    return std::vector{ClaimRecord(kFirst), Event(kSecond, 1)};
                  })},
        std::pair{"another log", Make([] {
                    return std::vector{ClaimRecord(kFirst), ClaimRecord(kSecond, 99)};
                  })},
        std::pair{"number of partitions", Make([] {
                    return std::vector{ClaimRecord(kFirst), ClaimRecord(kSecond, 1, 4)};
                  })},
        std::pair{"continue its commit", Make([] {
                    return std::vector{ClaimRecord(kFirst), Event(kFirst, 1, 2, 2)};
                  })},
        std::pair{"inside a commit", Make([] {
                    return std::vector{ClaimRecord(kFirst), Event(kFirst, 1, 1, 2),
                                       OwnRecord(kFirst, 2, kAliveType, AliveValue())};
                  })}));

}  // namespace
}  // namespace crm::log
