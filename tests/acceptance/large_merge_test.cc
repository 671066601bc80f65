#include <gmock/gmock.h>

#include "tests/acceptance/large_tree.h"
#include "tests/server/filled.h"

// Merges of more than one commit holds: they move exactly what a small one would, and no crash
// leaves a part.
namespace crm::test {
namespace {

using sales::v1::MergeAccountsRequest;
using sales::v1::MergeAccountsResponse;
using sales::v1::UnmergeAccountRequest;
using sales::v1::UnmergeAccountResponse;
using testing::ElementsAre;
using testing::UnorderedElementsAre;

constexpr char kUser[] = "ana@example.com";
constexpr char kTenant[] = "large-merge";
constexpr int kTasks = 2'500;

Answer<MergeAccountsResponse> Merge(const Client& client, const Account& master,
                                    const Account& subordinate) {
  MergeAccountsRequest request;
  request.set_name(master.name());
  request.set_subordinate(subordinate.name());
  return client.Call<MergeAccountsResponse>("/crm.sales.v1.Accounts/MergeAccounts", request);
}

Answer<UnmergeAccountResponse> Unmerge(const Client& client, const Account& subordinate) {
  UnmergeAccountRequest request;
  request.set_name(subordinate.name());
  return client.Call<UnmergeAccountResponse>("/crm.sales.v1.Accounts/UnmergeAccount", request);
}

std::vector<Task> AllTasks(const Client& client, const std::string& account) {
  record::v1::ListRequest request;
  request.set_filter(TasksOf(account));
  request.set_page_size(1'000);
  std::vector<Task> tasks;
  do {
    const auto page = List<Task>(client, request);
    EXPECT_TRUE(page.ok()) << page;
    tasks.insert(tasks.end(), page.body.tasks().begin(), page.body.tasks().end());
    request.set_page_token(page.body.next_page_token());
  } while (!request.page_token().empty());
  return tasks;
}

// Two accounts for one company. On the second hang many tasks, and an account under which the first
// one is.
class LargeMerge : public testing::Test {
 protected:
  LargeMerge() : server_({"--max-batch", "1000"}) {
    const Client client = NewClient();
    Account second = NewAccount("Velo SRL");
    second.set_website("https://velo.example");
    subordinate_ = Made(client, second);
    Account between = NewAccount("Velo Holding");
    between.set_parent_account(subordinate_.name());
    between_ = Made(client, between);
    Account first = NewAccount("Velo");
    first.set_parent_account(between_.name());
    master_ = Made(client, first);
    AddTasks(client, subordinate_.name(), kTasks);
  }
  // The one before ends with its server.
  Client NewClient() const { return Client(server_, kTenant, kUser); }
  void KillAndStart() {
    server_.Kill();
    server_.Start();
  }
  void AwaitMerged() {
    ASSERT_NO_FATAL_FAILURE(
        AwaitEvent(NewClient(), subordinate_.name(), "crm.sales.v1.account.merge_ended"));
  }

  Server server_;
  Account master_, between_, subordinate_;
};

TEST_F(LargeMerge, MovesEverythingOnce) {
  {
    const Client client = NewClient();
    const auto merged = Merge(client, master_, subordinate_);
    ASSERT_TRUE(merged.ok()) << merged;
    EXPECT_TRUE(merged.body.moving());
    EXPECT_EQ(merged.body.moved().at("tasks"), kTasks);
    EXPECT_EQ(merged.body.moved().at("accounts"), 1);
    EXPECT_THAT(merged.body.filled_fields(), ElementsAre("website"));
  }
  KillAndStart();
  ASSERT_NO_FATAL_FAILURE(AwaitMerged());
  const Client client = NewClient();
  const std::vector<Task> moved = AllTasks(client, master_.name());
  EXPECT_EQ(moved.size(), static_cast<size_t>(kTasks));
  for (const Task& task : moved) ASSERT_EQ(task.etag(), "2") << task.name();
  EXPECT_EQ(Count<Task>(client, TasksOf(subordinate_.name())), 0);
  // The one between hangs on the master now, which is on top.
  EXPECT_EQ(Get<Account>(client, between_.name()).body.parent_account(), master_.name());
  const Account master = Get<Account>(client, master_.name()).body;
  EXPECT_EQ(master.parent_account(), "");
  EXPECT_EQ(master.website(), "https://velo.example");
  const Account subordinate = Get<Account>(client, subordinate_.name()).body;
  EXPECT_EQ(subordinate.master(), master_.name());
  EXPECT_EQ(subordinate.state(), Account::STATE_INACTIVE);
  EXPECT_FALSE(subordinate.has_moving_time());
  EXPECT_EQ(subordinate.moving_count(), 0);

  const auto hashes = Verify(client);
  server_.Kill();
  server_.DeleteProjections();
  server_.Start();
  EXPECT_EQ(Verify(NewClient()), hashes);
}

TEST_F(LargeMerge, IsTakenBackExactly) {
  ASSERT_TRUE(Merge(NewClient(), master_, subordinate_).ok());
  ASSERT_NO_FATAL_FAILURE(AwaitMerged());
  Task edited, away, gone;
  {
    const Client client = NewClient();
    const std::vector<Task> tasks = AllTasks(client, master_.name());
    ASSERT_EQ(tasks.size(), static_cast<size_t>(kTasks));
    edited = tasks[10];
    edited.set_subject("Called");
    ASSERT_TRUE(Update(client, edited, {"subject"}).ok());
    away = tasks[kTasks - 10];
    away.set_regarding(Made(client, NewAccount("Elsewhere")).name());
    ASSERT_TRUE(Update(client, away, {"regarding"}).ok());
    gone = tasks[kTasks / 2];
    ASSERT_TRUE(Delete<Task>(client, gone.name()).ok());

    const auto unmerged = Unmerge(client, subordinate_);
    ASSERT_TRUE(unmerged.ok()) << unmerged;
    EXPECT_TRUE(unmerged.body.moving());
    EXPECT_EQ(unmerged.body.master(), master_.name());
    EXPECT_EQ(unmerged.body.moved().at("tasks"), kTasks - 2);
    EXPECT_EQ(unmerged.body.moved().at("accounts"), 1);
    EXPECT_THAT(unmerged.body.conflicts(),
                UnorderedElementsAre(away.name() + " regarding", gone.name()));
  }
  KillAndStart();
  const Client client = NewClient();
  ASSERT_NO_FATAL_FAILURE(
      AwaitEvent(client, subordinate_.name(), "crm.sales.v1.account.unmerge_ended"));
  EXPECT_EQ(AllTasks(client, subordinate_.name()).size(), static_cast<size_t>(kTasks - 2));
  EXPECT_EQ(Count<Task>(client, TasksOf(master_.name())), 0);
  for (const Account& before : {master_, between_, subordinate_}) {
    EXPECT_TRUE(
        Equal(WithoutVersion(Get<Account>(client, before.name()).body), WithoutVersion(before)));
  }
  const Task still = Get<Task>(client, edited.name()).body;
  EXPECT_EQ(still.subject(), "Called");
  EXPECT_EQ(still.regarding(), subordinate_.name());
  EXPECT_EQ(Get<Task>(client, away.name()).body.regarding(), away.regarding());
  EXPECT_EQ(Get<Task>(client, gone.name()).reason, "NOT_FOUND");
  EXPECT_EQ(Unmerge(client, subordinate_).reason, "ACCOUNT_NOT_MERGED");
}

}  // namespace
}  // namespace crm::test
