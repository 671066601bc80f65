#include "libs/log/owner.h"

#include <gtest/gtest.h>

#include "libs/log/example_messages.h"
#include "libs/log/owner_fixture.h"

// What was seen on real brokers (log.md, section 4), step by step.
namespace crm::log {
namespace {

using Texts = std::vector<std::string>;

class OwnerTest : public OwnerFixture {
 protected:
  void SetUp() override {
    owner_ = NewOwner(shown_);
    Claim(*owner_);
    session_ = &log_.newest();
  }

  std::unique_ptr<Owner> owner_;
  SimulatedSession* session_ = nullptr;
};

TEST_F(OwnerTest, E2_GivenUpRecordsAreAHoleAndTheYoungerOnesDoNotCount) {
  const uint64_t first = Send(*owner_, "first");
  const uint64_t epoch = owner_->epoch();
  Send(*owner_, "second");
  Send(*owner_, "third");
  session_->GiveUp(0, false);
  session_->Land();
  session_->Land();
  Run(*owner_);
  EXPECT_GT(owner_->epoch(), epoch);
  EXPECT_LT(owner_->confirmed(), first);
  EXPECT_EQ(owner_->counts().holes, 1u);
  EXPECT_EQ(owner_->counts().after_end, 1u);
  EXPECT_EQ(History(), Texts{});
  Claim(*owner_);
  Commit(*owner_, log_.newest(), "again");
  EXPECT_EQ(History(), Texts{"again"});
}

TEST_F(OwnerTest, AHoleWithoutAnyErrorEndsTheClaimAtTheOwnerToo) {
  Send(*owner_, "first");
  const uint64_t second = Send(*owner_, "second");
  session_->Land(1);  // at the offset that the first was expected at
  Run(*owner_);
  EXPECT_NE(owner_->role(), Owner::Role::kOwner);
  EXPECT_LT(owner_->confirmed(), second);
  EXPECT_EQ(History(), Texts{});
}

TEST_F(OwnerTest, E3_AWindowWrittenTwiceCountsOnce) {
  const uint64_t first = Send(*owner_, "n1");
  const uint64_t second = Send(*owner_, "n2");
  session_->LandWithoutAnswer();
  session_->LandWithoutAnswer();
  session_->Repeat();
  Run(*owner_);
  EXPECT_EQ(log_.size(0), 5u);
  EXPECT_EQ(owner_->confirmed(), second);
  EXPECT_LT(first, second);
  EXPECT_EQ(owner_->counts().duplicates, 2u);
  const uint64_t third = Commit(*owner_, *session_, "n3");
  EXPECT_EQ(owner_->confirmed(), third);
  EXPECT_EQ(History(), (Texts{"n1", "n2", "n3"}));
}

TEST_F(OwnerTest, E5_ASecondWritingOfAnOldRecordIsADuplicate) {
  Commit(*owner_, *session_, "n1");
  log_.Put(0, std::make_shared<const std::string>(log_.body(0, 1)));
  const uint64_t second = Commit(*owner_, *session_, "n2");
  EXPECT_EQ(owner_->confirmed(), second);
  EXPECT_EQ(History(), (Texts{"n1", "n2"}));
}

TEST_F(OwnerTest, E7c_RecordsOfADeadProcessLandBehindANewClaimAndDoNotCount) {
  SimulatedFaults faults;
  faults.given_up = 1;
  log_.set_faults(faults);
  Send(*owner_, "ghost");
  owner_.reset();
  MemoryProjection other;
  auto fresh = NewOwner(other);
  Claim(*fresh);
  SimulatedSession& session = log_.newest();
  session_->LandGhost(0);
  const uint64_t ticket = Commit(*fresh, session, "real");
  clock_.Advance(kLease);
  Run(*fresh);
  EXPECT_EQ(fresh->confirmed(), ticket);
  EXPECT_EQ(fresh->counts().deposed, 1u);
  EXPECT_EQ(History(), Texts{"real"});
}

TEST_F(OwnerTest, ALateClaimIsVoid) {
  SimulatedFaults faults;
  faults.given_up = 1;
  log_.set_faults(faults);
  MemoryProjection lost;
  auto dead = NewOwner(lost);
  dead->Assign(true);
  Run(*dead);
  SimulatedSession& late = log_.newest();
  dead.reset();
  MemoryProjection other;
  auto fresh = NewOwner(other);
  Claim(*fresh);
  SimulatedSession& session = log_.newest();
  late.LandGhost(0);
  Commit(*fresh, session, "real");
  EXPECT_EQ(fresh->role(), Owner::Role::kOwner);
  EXPECT_EQ(fresh->counts().void_claims, 1u);
  EXPECT_EQ(History(), Texts{"real"});
}

TEST_F(OwnerTest, E12b_SuccessAfterAnErrorConfirmsNothing) {
  const uint64_t first = Send(*owner_, "15");
  Send(*owner_, "16");
  Send(*owner_, "17");
  Send(*owner_, "18");
  for (int i = 0; i < 3; ++i) session_->LandWithoutAnswer();
  session_->Fatal();
  Run(*owner_);
  EXPECT_LT(owner_->confirmed(), first);
  // The new claim tells from the log what had happened.
  Claim(*owner_);
  EXPECT_EQ(Values(shown_), (Texts{"15", "16", "17"}));
  EXPECT_LT(owner_->confirmed(), first);
}

TEST_F(OwnerTest, SuccessWithoutAnOffsetIsLookedUp) {
  Send(*owner_, "first");
  const uint64_t second = Send(*owner_, "second");
  session_->LandWithoutOffset();
  session_->Land();
  Run(*owner_);
  EXPECT_EQ(owner_->confirmed(), second);
  EXPECT_EQ(Values(shown_), (Texts{"first", "second"}));
}

TEST_F(OwnerTest, ReportedButNotThereEndsTheClaim) {
  log_.Put(0, example::ClaimRecord({1, 77}, 77));  // void: the offsets jump, so the log is read
  const uint64_t ticket = Send(*owner_, "lost");
  session_->HoldReports();
  session_->Land();
  log_.Cut(0, 2);
  log_.Put(0, example::ClaimRecord({1, 78}, 78));
  session_->ReleaseReports();
  const uint64_t epoch = owner_->epoch();
  Run(*owner_);
  EXPECT_GT(owner_->epoch(), epoch);
  EXPECT_LT(owner_->confirmed(), ticket);
}

TEST_F(OwnerTest, ARecordUnconfirmedForTenSecondsEndsTheClaim) {
  const uint64_t ticket = Send(*owner_, "slow");
  const uint64_t epoch = owner_->epoch();
  clock_.Advance(10 * kSecond - 1);
  Run(*owner_);
  EXPECT_EQ(owner_->role(), Owner::Role::kOwner);
  EXPECT_LE(owner_->next_deadline(), clock_.Boottime() + 1);
  clock_.Advance(1);
  owner_->Step();
  EXPECT_NE(owner_->role(), Owner::Role::kOwner);
  EXPECT_GT(owner_->epoch(), epoch);
  EXPECT_LT(owner_->confirmed(), ticket);
}

TEST_F(OwnerTest, AClaimThatDoesNotCountInTenSecondsIsWrittenAnew) {
  MemoryProjection other;
  auto fresh = NewOwner(other);
  fresh->Assign(true);
  Run(*fresh);
  EXPECT_EQ(fresh->claims_written(), 1u);
  clock_.Advance(10 * kSecond);
  Run(*fresh);
  EXPECT_EQ(fresh->claims_written(), 2u);
}

TEST_F(OwnerTest, NothingIsDecidedBeforeTheClaimCounts) {
  MemoryProjection other;
  auto fresh = NewOwner(other);
  fresh->Assign(true);
  Run(*fresh);
  log_.newest().HoldReports();
  log_.newest().Land();
  EXPECT_FALSE(fresh->may_append());
  clock_.Advance(2000);
  Run(*fresh);  // from the log, not from the report
  EXPECT_TRUE(fresh->may_append());
}

TEST_F(OwnerTest, AnIdleOwnerNoticesThatItWasDeposed) {
  MemoryProjection other;
  auto fresh = NewOwner(other);
  Claim(*fresh);
  Run(*owner_);
  EXPECT_EQ(owner_->role(), Owner::Role::kOwner);
  clock_.Advance(10 * kSecond);
  Run(*owner_);
  EXPECT_EQ(owner_->role(), Owner::Role::kStandby);
}

TEST_F(OwnerTest, RecordedTimeNeverGoesBack) {
  Commit(*owner_, *session_, "first");
  const int64_t before = owner_->state().recorded_time_us;
  clock_.JumpWall(-100 * kSecond);
  Commit(*owner_, *session_, "second");
  EXPECT_EQ(owner_->state().recorded_time_us, before);
  owner_.reset();
  auto fresh = NewOwner(shown_);
  Claim(*fresh);
  Commit(*fresh, log_.newest(), "third");
  EXPECT_EQ(fresh->state().recorded_time_us, before);
}

TEST_F(OwnerTest, AReactorsPositionReachesTheProjection) {
  event::v1::Reached reached;
  reached.set_cause("service/0@7");
  std::vector<Owner::NewEvent> events(1);
  events[0].envelope.set_type(std::string(kReachedType));
  events[0].value = ReachedValue(reached);
  const uint64_t ticket = owner_->Append(std::move(events));
  owner_->Flush();
  session_->Land();
  Run(*owner_);
  EXPECT_EQ(owner_->confirmed(), ticket);
  EXPECT_EQ(History(), Texts{ReachedValue(reached)});
}

// I11: two that think they are assigned must not claim from each other for ever.
class BackOffTest : public OwnerFixture {
 protected:
  uint64_t ClaimsOfTwo(Mutations mutations, bool confirmed, int milliseconds) {
    MemoryProjection first, second;
    auto a = NewOwner(first, mutations), b = NewOwner(second, mutations);
    a->Assign(true);
    b->Assign(true);
    for (int i = 0; i < milliseconds; ++i) {
      clock_.Advance(1000);
      if (confirmed && i % 1000 == 0) {
        a->Assign(true);
        b->Assign(true);
      }
      for (Owner* owner : {a.get(), b.get()}) {
        Run(*owner);
        log_.Settle();
        if (owner->may_append() && owner->bytes_under_way() == 0) Send(*owner, "mine");
      }
    }
    return a->claims_written() + b->claims_written();
  }
};

TEST_F(BackOffTest, WhoLostWaitsForItsAssignment) { EXPECT_LE(ClaimsOfTwo({}, false, 20'000), 3u); }

TEST_F(BackOffTest, AndPauses) { EXPECT_LE(ClaimsOfTwo({}, true, 20'000), 40u); }

#ifdef RECALL_MUTATIONS
TEST_F(BackOffTest, WithoutItTheyClaimForEver) {
  EXPECT_GT(ClaimsOfTwo(Mutations(Mutation::kNoBackOff), false, 2'000), 500u);
}
#endif

}  // namespace
}  // namespace crm::log
