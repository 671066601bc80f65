#include <gtest/gtest.h>

#include "libs/log/example_messages.h"
#include "libs/log/owner_fixture.h"

// R5: what stops a reader or owner until somebody has looked.
namespace crm::log {
namespace {

using example::ClaimRecord;
using example::Event;

constexpr example::ClaimKey kFirst{1, 1};

class ImpossibleLogTest : public OwnerFixture {
 protected:
  static constexpr SimulatedFaults kAnswersLate{.aside_held = 1};

  // A log of one claim and four events, read by a standby.
  std::unique_ptr<Owner> Reader(Mutations mutations = {}) {
    log_.Swap(0, Original());
    auto reader = NewOwner(shown_, mutations);
    Run(*reader);
    EXPECT_EQ(shown_.commits.size(), 4u);
    return reader;
  }

  static std::vector<example::Body> Original() {
    return {ClaimRecord(kFirst), Event(kFirst, 1), Event(kFirst, 2), Event(kFirst, 3),
            Event(kFirst, 4)};
  }

  // The same length again, with another claim in between.
  void Regrow() {
    const example::ClaimKey other{2, 2};
    log_.Cut(0, 2);
    log_.Put(0, ClaimRecord(other));
    log_.Put(0, Event(other, 1));
    log_.Put(0, Event(other, 2));
  }

  void ExpectStopped(Owner& owner, const std::string& why) {
    Run(owner);
    EXPECT_EQ(owner.role(), Owner::Role::kStopped);
    EXPECT_NE(owner.trouble().find(why), std::string::npos) << owner.trouble();
  }
};

TEST_F(ImpossibleLogTest, ACutLogStopsAStandbyAtOnce) {
  auto reader = Reader();
  log_.Cut(0, 3);
  clock_.Advance(kSecond / 10);
  ExpectStopped(*reader, "the log ends at 3, but had been read up to 5");
}

TEST_F(ImpossibleLogTest, ARegrownLogStopsAReaderWithinTenSeconds) {
  auto reader = Reader();
  Regrow();
  Run(*reader);
  EXPECT_EQ(reader->role(), Owner::Role::kStandby);
  clock_.Advance(10 * kSecond);
  ExpectStopped(*reader, "the record at offset 4 is not the one that was read there");
}

TEST_F(ImpossibleLogTest, ARegrownLogIsNotServedAfterARestart) {
  Reader().reset();
  Regrow();
  auto again = NewOwner(shown_);
  ExpectStopped(*again, "the record at offset 4");
}

TEST_F(ImpossibleLogTest, ARefilledLogIsAnother) {
  Reader().reset();
  const example::ClaimKey other{1, 99};
  log_.Swap(0, {ClaimRecord(other, 99), Event(other, 1), Event(other, 2), Event(other, 3),
                Event(other, 4)});
  auto again = NewOwner(shown_);
  ExpectStopped(*again, "another log");
}

TEST_F(ImpossibleLogTest, AnEmptyLogIsNotTheOneThatWasRead) {
  Reader().reset();
  log_.Swap(0);
  auto again = NewOwner(shown_);
  ExpectStopped(*again, "the log ends at 0");
}

TEST_F(ImpossibleLogTest, AnotherNumberOfPartitionsIsRefused) {
  Reader().reset();
  SimulatedLog other(2, random_);
  Owner owner({}, other, shown_, clock_, random_, [] {});
  ExpectStopped(owner, "number of partitions");
}

TEST_F(ImpossibleLogTest, AReportBelowThePositionStopsTheOwner) {
  auto owner = NewOwner(shown_);
  Claim(*owner);
  for (const char* value : {"a", "b", "c"}) Commit(*owner, log_.newest(), value);
  const uint64_t ticket = Send(*owner, "d");
  log_.Cut(0, 2);
  log_.newest().Land();
  ExpectStopped(*owner, "where something else had been read");
  EXPECT_LT(owner->confirmed(), ticket);
  EXPECT_FALSE(Serves(*owner));
}

TEST_F(ImpossibleLogTest, AnOwnerFindsARegrownLogWithinTenSeconds) {
  auto owner = NewOwner(shown_);
  Claim(*owner);
  for (const char* value : {"a", "b", "c"}) Commit(*owner, log_.newest(), value);
  const example::ClaimKey mine{1, owner->state().claim_id};
  log_.Cut(0, 3);
  log_.Put(0, Event(mine, 7));
  clock_.Advance(10 * kSecond);
  ExpectStopped(*owner, "the record at offset 3");
}

// Nothing is gone: it is not shown yet.
TEST_F(ImpossibleLogTest, ANewLeaderThatShowsLessStopsNobody) {
  auto reader = Reader();
  for (const int64_t from : {3, 0}) {
    log_.Hide(0, from);
    clock_.Advance(10 * kSecond);
    Run(*reader);
    EXPECT_EQ(reader->role(), Owner::Role::kStandby) << reader->trouble();
    reader = NewOwner(shown_);
    Run(*reader);
    EXPECT_EQ(reader->role(), Owner::Role::kStandby) << reader->trouble();
    log_.Show(0);
    log_.Put(0, Event(kFirst, shown_.commits.size() + 1));
    clock_.Advance(10 * kSecond);
    Run(*reader);
  }
  EXPECT_EQ(shown_.commits.size(), 6u) << reader->trouble();
}

TEST_F(ImpossibleLogTest, ANewLeaderThatShowsLessStopsNoOwner) {
  auto owner = NewOwner(shown_);
  Claim(*owner);
  for (const char* value : {"a", "b", "c"}) Commit(*owner, log_.newest(), value);
  log_.Hide(0, 2);
  clock_.Advance(10 * kSecond);
  Run(*owner);
  EXPECT_EQ(owner->role(), Owner::Role::kOwner) << owner->trouble();
  log_.Show(0);
  const uint64_t ticket = Commit(*owner, log_.newest(), "d");
  EXPECT_EQ(owner->confirmed(), ticket);
}

// A broker that is far answers late.
TEST_F(ImpossibleLogTest, AnOwnerGoesOnWhileItsLogIsLookedAtAndStopsOnceAFaultIsFound) {
  auto owner = NewOwner(shown_);
  Claim(*owner);
  for (const char* value : {"a", "b", "c"}) Commit(*owner, log_.newest(), value);
  log_.set_faults(kAnswersLate);
  clock_.Advance(10 * kSecond);
  Run(*owner);
  ASSERT_EQ(log_.held_aside(), 1u);
  const uint64_t meanwhile = Commit(*owner, log_.newest(), "d");
  EXPECT_EQ(owner->confirmed(), meanwhile);
  clock_.Advance(kSecond);
  log_.AskAside();
  Run(*owner);
  EXPECT_EQ(owner->role(), Owner::Role::kOwner) << owner->trouble();

  const example::ClaimKey mine{1, owner->state().claim_id};
  log_.Cut(0, 4);
  log_.Put(0, Event(mine, 7));
  clock_.Advance(10 * kSecond);
  Run(*owner);
  ASSERT_EQ(log_.held_aside(), 1u);
  EXPECT_EQ(owner->role(), Owner::Role::kOwner);
  bool answer = true;
  owner->AwaitConfirmation([&](bool ok) { answer = ok; });
  log_.AskAside();
  ExpectStopped(*owner, "the record at offset 4 is not the one that was read there");
  EXPECT_FALSE(answer);
  EXPECT_FALSE(Serves(*owner));
}

TEST_F(ImpossibleLogTest, NothingIsReadBeforeTheLogWasFoundToBeTheSame) {
  Reader().reset();
  log_.Put(0, Event(kFirst, 5));
  log_.set_faults(kAnswersLate);
  auto again = NewOwner(shown_);
  again->Assign(true);
  Run(*again);
  clock_.Advance(kSecond);
  Run(*again);
  EXPECT_EQ(shown_.commits.size(), 4u);
  EXPECT_EQ(again->role(), Owner::Role::kStandby);
  log_.AskAside();
  Run(*again);
  // Now it asks where the log ends, and again once it has read up to there.
  EXPECT_EQ(shown_.commits.size(), 4u);
  log_.AskAside();
  Run(*again);
  EXPECT_EQ(shown_.commits.size(), 5u);
  EXPECT_EQ(again->role(), Owner::Role::kStandby);
  log_.AskAside();
  Run(*again);
  EXPECT_EQ(again->role(), Owner::Role::kClaiming);
}

TEST_F(ImpossibleLogTest, WhatIsFoundForSomebodyWhoIsGoneIsNobodys) {
  Reader().reset();
  Regrow();
  log_.set_faults(kAnswersLate);
  auto again = NewOwner(shown_);
  Run(*again);
  again.reset();
  log_.AskAside();
  again = NewOwner(shown_);
  Run(*again);
  EXPECT_EQ(again->trouble(), "");
  log_.AskAside();
  ExpectStopped(*again, "the record at offset 4");
}

TEST_F(ImpossibleLogTest, TroubleInTheLogAppliesWhatCameBefore) {
  log_.Swap(0, Original());
  log_.Put(0, Event({7, 7}, 1));
  auto reader = NewOwner(shown_);
  ExpectStopped(*reader, "offset 5: the record names a claim that was not seen");
  EXPECT_EQ(shown_.commits.size(), 4u);
}

TEST_F(ImpossibleLogTest, WaitingReadsAreToldWhenItStops) {
  auto reader = Reader();
  log_.Cut(0, 3);
  clock_.Advance(kSecond / 10);
  ExpectStopped(*reader, "the log ends");
  bool answer = true;
  reader->AwaitConfirmation([&](bool ok) { answer = ok; });
  reader->Step();
  EXPECT_FALSE(answer);
}

TEST_F(ImpossibleLogTest, AnOwnerOfABrokenLogStops) {
  auto owner = NewOwner(shown_);
  Claim(*owner);
  log_.Break();
  const uint64_t ticket = Send(*owner, "lost");
  ExpectStopped(*owner, "can not be written");
  EXPECT_LT(owner->confirmed(), ticket);
}

#ifdef RECALL_MUTATIONS
TEST_F(ImpossibleLogTest, WithoutTheCheckARegrownLogIsServed) {
  auto reader = Reader(Mutations(Mutation::kNoContentCheck));
  Regrow();
  clock_.Advance(20 * kSecond);
  Run(*reader);
  EXPECT_EQ(reader->role(), Owner::Role::kStandby);
  reader.reset();
  auto again = NewOwner(shown_, Mutations(Mutation::kNoContentCheck));
  Run(*again);
  EXPECT_EQ(again->role(), Owner::Role::kStandby);
}
#endif

}  // namespace
}  // namespace crm::log
