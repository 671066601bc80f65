#include <gmock/gmock.h>

#include "tests/kafka/ground.h"

// An owner and a reader for whom every answer of the broker takes longer than a second.
namespace crm::log {
namespace {

using testing::ElementsAre;

class Distance : public KafkaGround {
 protected:
  static constexpr std::chrono::milliseconds kEachWay{1'500};
  static constexpr int kPatienceMs = 120'000;

  ~Distance() override { proxy().Delay(std::chrono::milliseconds(0)); }
};

TEST_F(Distance, AnOwnerClaimsAppendsAndLooksAtItsLogAgain) {
  auto log = Open(1, true);
  proxy().Delay(kEachWay);
  Desk desk(*log, 0, clock_, random_);
  ASSERT_TRUE(desk.Await(
      [&] {
        if (desk.owner().role() == Owner::Role::kStandby) desk.owner().Assign(true);
        return desk.owner().may_append();
      },
      kPatienceMs));
  desk.Send("1");
  ASSERT_TRUE(desk.Await([&] { return desk.AllConfirmed(); }, kPatienceMs));
  // The log's content is looked at every ten seconds.
  clock_.Advance(11'000'000);
  desk.Step(1);
  desk.Send("2");
  ASSERT_TRUE(desk.Await([&] { return desk.AllConfirmed(); }, kPatienceMs));
  EXPECT_EQ(desk.owner().trouble(), "");
  EXPECT_EQ(desk.owner().claims_written(), 1u);
  EXPECT_THAT(desk.Acknowledged(), ElementsAre("1", "2"));
}

TEST_F(Distance, AStandbyReadsOnAndKnowsHowOldItIs) {
  auto near = Open(1, false);
  Desk owner(*near, 0, clock_, random_);
  ASSERT_TRUE(owner.Claim());
  auto far = Open(1, true);
  proxy().Delay(kEachWay);
  Desk standby(*far, 0, clock_, random_);
  for (const char* value : {"1", "2", "3"}) {
    owner.Send(value);
    ASSERT_TRUE(owner.Await([&] { return owner.AllConfirmed(); }));
    const int64_t written = clock_.Boottime();
    const int64_t end = owner.owner().state().next;
    ASSERT_TRUE(standby.Await(
        [&] {
          return standby.owner().current_as_of() > written && standby.owner().state().next >= end;
        },
        kPatienceMs));
  }
}

}  // namespace
}  // namespace crm::log
