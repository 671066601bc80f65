#include <gtest/gtest.h>

#include "services/sales/sales.h"
#include "tests/services/calm.h"
#include "tests/services/test_service.h"

// A store that is loaded in pieces has the same times to wake at and the same positions of reactors
// as one that applied event by event.
namespace crm::services {
namespace {

using google::protobuf::util::TimeUtil;

std::string Projected(const store::View& view) {
  std::string text = std::to_string(view.Reached(kGreeter, "sales", 0));
  for (const auto& apart : view.Apart(kGreeter, "sales", 0)) {
    text += "\n" + apart.tenant + " " + std::to_string(apart.offset) + " " + apart.refusal;
  }
  for (const auto& wake : view.Wakes(std::nullopt, INT64_MAX, 1'000)) {
    text += "\n" + wake.tenant + " " + wake.key.id.Text() + " " + std::to_string(wake.due_us);
  }
  for (const auto& [section, hash] : view.Verify(kTenant)) text += "\n" + section + " " + hash;
  return text;
}

// Reads the log into a new store, which is loaded in two pieces.
std::string Loaded(Calm& calm) {
  auto& log = calm.LogOf("test");
  store::StoreOptions options;
  options.path = "/loaded";
  options.disk = store::Disk::InMemory();
  options.service = "test";
  options.load_from_messages = 1;
  auto store = store::Store::Open(options, TheCatalogue());
  CRM_CHECK(store);
  log::Follower follower(log, 0, **store, calm.clock, 2'000, {});
  int64_t end = 0;
  EXPECT_EQ(follower.AskEnd(&end), log::Follower::Found::kSome);
  while (follower.state().next < end) {
    EXPECT_EQ(follower.Read(), log::Follower::Found::kSome);
    follower.Apply();
    if (follower.state().next > end / 2) (*store)->Flush();
  }
  EXPECT_FALSE((*store)->loading());
  return Projected((*store)->latest());
}

TEST(Loading, GivesTheSameAsApplyingEventByEvent) {
  Calm calm(31);
  Forbidden() = {kForbidden};
  Node& source = calm.Add("sales");
  sales::RegisterSales(source.behaviours);
  source.Start();
  Node& test = calm.Add("test");
  RegisterTest(test.behaviours);
  test.React(kGreeter, "sales");
  test.Start();
  for (uint64_t i = 1; i <= 40; ++i) {
    test::v1::Reminder reminder;
    reminder.set_name(NameOf("reminders", i));
    reminder.set_subject("call");
    *reminder.mutable_due_time() =
        TimeUtil::MicrosecondsToTimestamp(calm.clock.Wall() + static_cast<int64_t>(i) * 1'000'000);
    if (i % 3 == 0) reminder.set_again_after_seconds(7);
    test.Create(reminder);
    sales::v1::Lead lead;
    lead.set_name(NameOf("leads", i));
    lead.set_subject("chairs");
    lead.set_last_name(i == 20 ? kForbidden : "Ana");
    source.Create(lead);
  }
  ASSERT_TRUE(calm.Until([&] {
    return test.shard().timers().fired > 10 &&
           !test.shard().reactions().front()->facts().parked.empty();
  }));
  const std::string applied = Projected(test.store().latest());
  EXPECT_NE(applied.find("FORBIDDEN: No."), std::string::npos);
  EXPECT_EQ(Loaded(calm), applied);
}

}  // namespace
}  // namespace crm::services
