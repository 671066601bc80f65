#include <gtest/gtest.h>

#include "libs/shard/tree_messages.h"

// Steps of what takes several commits, when one is refused.
namespace crm::shard {
namespace {

constexpr size_t kRecordBytes = 2'000;
constexpr int kTasks = 6;
constexpr char kUser[] = "users/01920000-0000-7000-8000-0000000000aa";
// Longer than a user, which a record that is as large as it may be has no room for.
constexpr char kApplication[] = "applications/01920000-0000-7000-8000-0000000000bb";

Limits SmallLimits() {
  Limits limits;
  limits.delete_events = 3;
  limits.step_events = 2;
  limits.record_bytes = kRecordBytes;
  return limits;
}

std::string IdOf(int number) {
  return record::MakeUuidV7(1'700'000'000'000'000, static_cast<uint16_t>(number), 7).Text();
}

class OperationsTest : public testing::Test {
 protected:
  OperationsTest() : shard_(TheCatalogue(), 1, SmallLimits()) {
    BindMerging(&shard_.behaviours);
    shard_.Start();
  }

  // An account on which tasks hang; `first`: a number that none of its records' ids has had.
  std::string AccountWithTasks(int first) {
    const std::string account = MakeAccount(first);
    for (int i = 1; i <= kTasks; ++i) {
      Task task;
      task.set_name("tasks/" + IdOf(first + i));
      task.set_subject("Call");
      task.set_regarding(account);
      EXPECT_EQ(shard_.Create(task).status.code(), record::kOk);
    }
    return account;
  }
  std::string MakeAccount(int number) {
    Account account;
    account.set_name("accounts/" + IdOf(number));
    account.set_display_name("Velo");
    EXPECT_EQ(shard_.Create(account).status.code(), record::kOk);
    return account.name();
  }
  Outcome Merge(const std::string& master, const std::string& subordinate) {
    MergeAccountsRequest request;
    request.set_name(master);
    request.set_subordinate(subordinate);
    return shard_.Call(MergePath("accounts"), request);
  }
  void Describe(const std::string& task, size_t characters) {
    Task changed;
    changed.set_name(task);
    changed.set_description(std::string(characters, 'x'));
    EXPECT_EQ(shard_.Update(changed, {"description"}).status.code(), record::kOk);
  }
  // Makes the record exactly as large as one may be, but for what a time may take more or less.
  void FillUp(const std::string& task) {
    size_t characters = kRecordBytes / 2;
    Describe(task, characters);
    characters += kRecordBytes - 1 - shard_.Find(task).size();
    Describe(task, characters);
    ASSERT_GE(shard_.Find(task).size(), kRecordBytes - 3);
  }
  // Lets as much time pass as it takes.
  template <class Done>
  void Until(Done done) {
    for (shard_.DoAll(); !done(); shard_.DoAll()) shard_.PassToDeadline();
  }
  size_t Failed() const { return shard_.operations().failed_steps; }
  int TasksOf(const std::string& account) {
    int count = 0;
    for (int number = 0; number < 100; ++number)
      count += shard_.Get<Task>("tasks/" + IdOf(number)).regarding() == account ? 1 : 0;
    return count;
  }

  CalmShard shard_;
};

TEST_F(OperationsTest, AStepThatIsRefusedIsTriedAgainAfterPausesThatGrow) {
  const std::string master = MakeAccount(1);
  const std::string subordinate = AccountWithTasks(10);
  const std::string full = "tasks/" + IdOf(13);
  FillUp(full);
  shard_.user = kApplication;
  ASSERT_EQ(Merge(master, subordinate).status.code(), record::kOk);
  Until([&] { return Failed() > 0; });
  const Operations::Facts facts = shard_.operations();
  EXPECT_EQ(facts.open, 1u);
  ASSERT_EQ(facts.failing.size(), 1u);
  EXPECT_EQ(facts.failing[0].record, subordinate);
  EXPECT_EQ(facts.failing[0].refusal.find("RECORD_TOO_LARGE"), 0u) << facts.failing[0].refusal;

  // The shard wants to be called when it is time, and not all the time.
  constexpr int64_t kSecond = 1'000'000;
  for (size_t times = 1; times < 5; ++times) {
    const int64_t before = shard_.Boottime();
    Until([&] { return Failed() > times; });
    EXPECT_EQ(shard_.Boottime() - before, kSecond << (times - 1)) << times;
  }
  // Others do not wait for it.
  shard_.user = kUser;
  const std::string third = AccountWithTasks(40);
  ASSERT_EQ(Merge(MakeAccount(2), third).status.code(), record::kOk);
  shard_.DoAll();
  EXPECT_EQ(shard_.operations().open, 1u);
  EXPECT_EQ(TasksOf(third), 0);
  EXPECT_EQ(Failed(), 5u);

  Describe(full, 1);
  Until([&] { return !shard_.Busy(); });
  EXPECT_EQ(TasksOf(master), kTasks);
  EXPECT_EQ(shard_.operations().open, 0u);
  EXPECT_TRUE(shard_.operations().failing.empty());
  EXPECT_EQ(Failed(), 5u);
}

TEST_F(OperationsTest, ANewOwnerTriesAtOnce) {
  const std::string master = MakeAccount(1);
  const std::string subordinate = AccountWithTasks(10);
  FillUp("tasks/" + IdOf(13));
  shard_.user = kApplication;
  ASSERT_EQ(Merge(master, subordinate).status.code(), record::kOk);
  Until([&] { return Failed() >= 4; });
  shard_.Restart();
  const int64_t before = shard_.Boottime();
  Until([&] { return Failed() > 0; });
  EXPECT_LT(shard_.Boottime() - before, 1'000'000);
  EXPECT_EQ(shard_.operations().open, 1u);
}

}  // namespace
}  // namespace crm::shard
