#include <gtest/gtest.h>

#include "tests/services/calm.h"
#include "tests/services/test_service.h"

// A record is woken when one of its times is reached, once, by whoever is the owner.
namespace crm::services {
namespace {

using google::protobuf::util::TimeUtil;
using test::v1::Reminder;

constexpr int64_t kSecond = 1'000'000;

class Timers : public testing::Test {
 protected:
  Timers() : node_(calm_.Add("test")) {
    Forbidden().clear();
    RegisterTest(node_.behaviours);
    node_.Start();
  }
  Reminder Due(uint64_t number, int64_t after_us, int again_after_seconds = 0) {
    Reminder reminder;
    reminder.set_name(NameOf("reminders", number));
    reminder.set_subject("call");
    *reminder.mutable_due_time() = TimeUtil::MicrosecondsToTimestamp(calm_.clock.Wall() + after_us);
    reminder.set_again_after_seconds(again_after_seconds);
    return reminder;
  }
  Reminder Now(uint64_t number, const std::string& tenant = kTenant) {
    return node_.Get<Reminder>(NameOf("reminders", number), tenant);
  }
  void Rest() {
    for (int i = 0; i < 100; ++i) calm_.Pass(100'000);
  }
  // Types of the events in the log, oldest first.
  std::vector<std::string> Events() {
    std::vector<std::string> types;
    const auto& log = calm_.LogOf("test");
    for (size_t at = 0; at < log.size(0); ++at) {
      log::Envelope envelope;
      const auto parts = log::SplitBody(log.body(0, static_cast<int64_t>(at)));
      envelope.ParseFromString(std::string(parts->envelope));
      if (!envelope.tenant().empty()) types.push_back(envelope.subject() + " " + envelope.type());
    }
    return types;
  }

  Calm calm_{21};
  Node& node_;
};

TEST_F(Timers, WakeARecordOnceWhenItIsDue) {
  const auto reminder = Due(1, 5 * kSecond);
  ASSERT_EQ(node_.Create(reminder).status.code(), record::kOk);
  calm_.clock.Advance(4 * kSecond);
  calm_.Pass(0);
  EXPECT_EQ(Now(1).told(), 0);
  ASSERT_TRUE(calm_.Until([&] { return Now(1).told() == 1; }));
  EXPECT_EQ(Now(1).told_time(), reminder.due_time());
  EXPECT_FALSE(Now(1).has_due_time());
  EXPECT_EQ(Now(1).update_user(), "system");
  Rest();
  EXPECT_EQ(Now(1).told(), 1);
  EXPECT_EQ(node_.shard().timers().fired, 1u);
  EXPECT_LT(node_.shard().timers().late_us, kSecond);
  EXPECT_EQ(Events().back(), NameOf("reminders", 1) + " crm.test.v1.reminder.told");
}

TEST_F(Timers, WakeItAgainWhenItIsDueAgain) {
  node_.Create(Due(1, kSecond, 2));
  ASSERT_TRUE(calm_.Until([&] { return Now(1).told() == 5; }));
  EXPECT_EQ(node_.shard().timers().fired, 5u);
}

TEST_F(Timers, FollowATimeThatIsMovedOrEmptied) {
  auto moved = Due(1, kSecond);
  auto emptied = Due(2, kSecond);
  node_.Create(moved);
  node_.Create(emptied);
  *moved.mutable_due_time() = TimeUtil::MicrosecondsToTimestamp(calm_.clock.Wall() + 20 * kSecond);
  emptied.clear_due_time();
  node_.Update(moved, {"due_time"});
  node_.Update(emptied, {"due_time"});
  Rest();
  EXPECT_EQ(Now(1).told(), 0);
  EXPECT_EQ(Now(2).told(), 0);
  ASSERT_TRUE(calm_.Until([&] { return Now(1).told() == 1; }));
  EXPECT_EQ(Now(2).told(), 0);
}

TEST_F(Timers, LeaveADeletedRecordAlone) {
  node_.Create(Due(1, kSecond));
  node_.Delete(NameOf("reminders", 1));
  Rest();
  EXPECT_EQ(node_.Find(NameOf("reminders", 1)), "");
  EXPECT_EQ(node_.shard().timers().fired, 0u);
}

// Before a command is decided, what is due of its tenant is, in due order: also what is not durable
// yet.
TEST_F(Timers, ComeBeforeALaterCommand) {
  node_.Create(Due(1, 2 * kSecond));
  node_.Create(Due(2, kSecond));
  calm_.clock.Advance(10 * kSecond);
  node_.Create(Due(3, 60 * kSecond));
  const auto events = Events();
  ASSERT_EQ(events.size(), 5u);
  EXPECT_EQ(events[2], NameOf("reminders", 2) + " crm.test.v1.reminder.told");
  EXPECT_EQ(events[3], NameOf("reminders", 1) + " crm.test.v1.reminder.told");
  EXPECT_EQ(events[4], NameOf("reminders", 3) + " crm.test.v1.reminder.created");
}

TEST_F(Timers, GoOnAfterACrashAndFromNothing) {
  node_.Create(Due(1, kSecond));
  node_.Create(Due(2, 60 * kSecond));
  ASSERT_TRUE(calm_.Until([&] { return Now(1).told() == 1; }));
  node_.store().Clear();
  node_.Crash();
  calm_.clock.Advance(120 * kSecond);
  node_.Start();
  ASSERT_TRUE(calm_.Until([&] { return Now(2).told() == 1; }));
  Rest();
  EXPECT_EQ(Now(1).told(), 1);
  EXPECT_EQ(Now(2).told(), 1);
  EXPECT_GT(node_.shard().timers().late_us, 50 * kSecond);
}

TEST_F(Timers, ThatAreRefusedAreTriedAgainAndHoldUpNobody) {
  Forbidden() = {"call"};
  node_.Create(Due(1, kSecond));
  calm_.clock.Advance(5 * kSecond);
  ASSERT_EQ(node_.Create(Due(2, 600 * kSecond)).status.code(), record::kOk);
  EXPECT_EQ(Now(1).told(), 0);
  EXPECT_GE(node_.shard().timers().refused, 1u);
  Forbidden().clear();
  ASSERT_TRUE(calm_.Until([&] { return Now(1).told() == 1; }));
}

TEST_F(Timers, OfOneTenantDoNotMoveAnothersClock) {
  node_.Create(Due(1, kSecond), "acme");
  node_.Create(Due(1, 2 * kSecond), "globex");
  ASSERT_TRUE(calm_.Until([&] { return Now(1, "globex").told() == 1; }));
  EXPECT_EQ(Now(1, "acme").told(), 1);
}

}  // namespace
}  // namespace crm::services
