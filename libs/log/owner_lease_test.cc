#include <gtest/gtest.h>

#include "libs/log/owner_fixture.h"

// Default reads (L1 to L4), and the rules that a mutation shows to be needed.
namespace crm::log {
namespace {

class LeaseTest : public OwnerFixture {
 protected:
  std::unique_ptr<Owner> Served(MemoryProjection& projection, Mutations mutations = {}) {
    auto owner = NewOwner(projection, mutations);
    Claim(*owner);
    return owner;
  }
};

TEST_F(LeaseTest, RunsFromWhenTheNewestConfirmedRecordWasHandedOver) {
  auto owner = Served(shown_);
  clock_.Advance(kSecond);
  Send(*owner, "handed over now");
  clock_.Advance(kSecond);
  log_.newest().Land();
  Run(*owner);
  clock_.Advance(kLease / 10 * 9 - kSecond - 1);
  EXPECT_TRUE(Serves(*owner));
  clock_.Advance(1);
  EXPECT_FALSE(Serves(*owner));
}

TEST_F(LeaseTest, AReadThatFindsItExpiredGetsOneAliveRecordForAll) {
  auto owner = Served(shown_);
  clock_.Advance(kLease);
  EXPECT_FALSE(Serves(*owner));
  int answered = 0;
  for (int i = 0; i < 3; ++i) owner->AwaitConfirmation([&](bool ok) { answered += ok; });
  Run(*owner);
  EXPECT_EQ(log_.newest().queued(), 1u);
  EXPECT_EQ(answered, 0);
  log_.newest().Land();
  Run(*owner);
  EXPECT_EQ(answered, 3);
  EXPECT_TRUE(Serves(*owner));
}

TEST_F(LeaseTest, ARecordUnderWayIsNoProofForALaterRead) {
  auto owner = Served(shown_);
  Send(*owner, "handed over before the read came");
  bool answered = false;
  owner->AwaitConfirmation([&](bool ok) { answered = ok; });
  log_.newest().Land();
  owner->Step();
  EXPECT_FALSE(answered);
  log_.newest().Land();  // an alive record, or else this fails
  Run(*owner);
  EXPECT_TRUE(answered);
}

TEST_F(LeaseTest, AliveRecordsComeOnlyWhileReadsDo) {
  auto owner = Served(shown_);
  SimulatedSession& session = log_.newest();
  for (int i = 0; i < 20; ++i) {
    clock_.Advance(kLease / 4);
    EXPECT_TRUE(Serves(*owner));
    Run(*owner);
    if (session.queued() > 0) session.Land();
    Run(*owner);
  }
  const size_t with_reads = log_.size(0);
  EXPECT_GE(with_reads, 10u);
  EXPECT_LE(with_reads, 12u);
  clock_.Advance(kLease);
  Run(*owner);
  log_.Settle();
  const size_t settled = log_.size(0);
  EXPECT_LE(settled, with_reads + 1);
  for (int i = 0; i < 20; ++i) {
    clock_.Advance(kLease / 2);
    Run(*owner);
    EXPECT_EQ(session.queued(), 0u);
  }
  EXPECT_EQ(log_.size(0), settled);
}

// A process that was stopped longer than the lease, and whose successor went on.
TEST_F(LeaseTest, AStoppedOwnerDoesNotServeWhenItWakes) {
  auto owner = Served(shown_);
  EXPECT_TRUE(Serves(*owner));
  clock_.Advance(kLease);
  EXPECT_FALSE(Serves(*owner));
}

// Whether a new owner acknowledges while the old one, which hears of nothing, still serves.
class TakeOverTest : public LeaseTest {
 protected:
  bool OldServesWhenNewAcknowledges(Mutations mutations) {
    MemoryProjection first, second;
    auto old = Served(first, mutations);
    Commit(*old, log_.newest(), "old");
    auto fresh = Served(second, mutations);
    const uint64_t ticket = Commit(*fresh, log_.newest(), "new");
    for (int i = 0; i < 1000 && fresh->confirmed() < ticket; ++i) {
      clock_.Advance(kLease / 100);
      Run(*fresh);
    }
    EXPECT_EQ(fresh->confirmed(), ticket);
    return Serves(*old);
  }

  // Three owners within one lease: the second leaves before its own wait is over.
  bool FirstServesWhenThirdAcknowledges(Mutations mutations) {
    MemoryProjection shown[3];
    auto first = Served(shown[0], mutations);
    Commit(*first, log_.newest(), "first");
    auto second = Served(shown[1], mutations);
    SimulatedSession& session = log_.newest();
    second->Assign(false);
    Run(*second);
    while (session.queued() > 0) session.Land();
    Run(*second);
    EXPECT_EQ(second->role(), Owner::Role::kStandby);
    auto third = Served(shown[2], mutations);
    const uint64_t ticket = Commit(*third, log_.newest(), "third");
    for (int i = 0; i < 1000 && third->confirmed() < ticket; ++i) {
      clock_.Advance(kLease / 100);
      Run(*third);
    }
    EXPECT_EQ(third->confirmed(), ticket);
    return Serves(*first);
  }
};

TEST_F(TakeOverTest, ANewOwnerWaitsForTheOldLease) {
  EXPECT_FALSE(OldServesWhenNewAcknowledges({}));
}

TEST_F(TakeOverTest, OnlyWhoWaitedVouchesForItsPredecessor) {
  EXPECT_FALSE(FirstServesWhenThirdAcknowledges({}));
}

TEST_F(TakeOverTest, DecidingGoesOnMeanwhile) {
  MemoryProjection second;
  auto old = Served(shown_);
  auto fresh = Served(second);
  const uint64_t ticket = Commit(*fresh, log_.newest(), "new");
  EXPECT_EQ(Values(second), std::vector<std::string>{"new"});
  EXPECT_LT(fresh->confirmed(), ticket);
  EXPECT_FALSE(fresh->answers());
  EXPECT_LE(fresh->next_deadline(), clock_.Boottime() + kLease);
  clock_.Advance(kLease);
  Run(*fresh);
  EXPECT_EQ(fresh->confirmed(), ticket);
  EXPECT_TRUE(fresh->answers());
}

TEST_F(TakeOverTest, AHandOverFinishesWhatIsUnderWay) {
  auto owner = Served(shown_);
  SimulatedSession& session = log_.newest();
  const uint64_t ticket = Send(*owner, "under way");
  owner->Assign(false);
  Run(*owner);
  EXPECT_FALSE(owner->may_append());
  EXPECT_EQ(session.queued(), 1u);
  session.Land();
  Run(*owner);
  EXPECT_EQ(owner->confirmed(), ticket);
  EXPECT_EQ(owner->role(), Owner::Role::kOwner);
  EXPECT_FALSE(Serves(*owner));
  ASSERT_EQ(session.queued(), 1u);  // `released`
  session.Land();
  Run(*owner);
  EXPECT_EQ(owner->role(), Owner::Role::kStandby);
  MemoryProjection second;
  EXPECT_TRUE(Serves(*Served(second)));
}

TEST_F(TakeOverTest, AHandOverWaitsOneSecondForReleased) {
  auto owner = Served(shown_);
  owner->Assign(false);
  Run(*owner);
  EXPECT_EQ(owner->role(), Owner::Role::kOwner);
  clock_.Advance(kSecond);
  EXPECT_LE(owner->next_deadline(), clock_.Boottime());
  Run(*owner);
  EXPECT_EQ(owner->role(), Owner::Role::kStandby);
}

#ifdef RECALL_MUTATIONS
TEST_F(LeaseTest, WithoutALeaseAStoppedOwnerServes) {
  auto owner = Served(shown_, Mutations(Mutation::kNoLease));
  clock_.Advance(kLease);
  EXPECT_TRUE(Serves(*owner));
}

TEST_F(LeaseTest, AFlagSetByATimerServesTooLong) {
  auto owner = Served(shown_, Mutations(Mutation::kLeaseFlag));
  clock_.Advance(kLease);
  EXPECT_TRUE(Serves(*owner));
}

TEST_F(TakeOverTest, WithoutTheWaitBothServe) {
  EXPECT_TRUE(OldServesWhenNewAcknowledges(Mutations(Mutation::kNoTakeOverWait)));
}

TEST_F(TakeOverTest, ReleasedTooEarlyVouchesForALeaseThatRuns) {
  EXPECT_TRUE(FirstServesWhenThirdAcknowledges(Mutations(Mutation::kReleaseEarly)));
}
#endif

}  // namespace
}  // namespace crm::log
