#include <algorithm>

#include "tests/acceptance/large_tree.h"

// Deletes of more than one commit holds: nobody sees a part of one, and no crash leaves a part.
namespace crm::test {
namespace {

constexpr char kUser[] = "ana@example.com";
constexpr int kTasks = 2'500;

void ExpectGone(const Client& client, const std::string& account, const std::string& task) {
  EXPECT_EQ(Get<Account>(client, account).reason, "NOT_FOUND");
  EXPECT_EQ(Get<Task>(client, task).reason, "NOT_FOUND");
  EXPECT_EQ(Count<Account>(client), 0);
  EXPECT_EQ(Count<Task>(client, TasksOf(account)), 0);
  EXPECT_EQ(Create(client, NewTask(account, "Late")).faults.at("task.regarding"), "BAD_REFERENCE");
}

Account MadeWithTasks(const Client& client) {
  Account account;
  account.set_display_name("Velo Carpați");
  account = Made(client, account);
  AddTasks(client, account.name(), kTasks);
  return account;
}

Answer<Account> UndeleteAt(const Client& client, const Account& account, const std::string& etag) {
  record::v1::NameRequest request;
  request.set_name(account.name());
  request.set_etag(etag);
  return client.Call<Account>(OneOf<Account>("Undelete"), request);
}

TEST(LargeTree, GoesAndComesBackAsOne) {
  Server server({"--max-batch", "1000"});
  const Client client(server, "large-tree", kUser);
  const Account account = MadeWithTasks(client);
  const std::string task = Made(client, NewTask(account.name(), "The last")).name();
  const auto refused = Delete<Account>(client, account.name());
  EXPECT_EQ(refused.reason, "HAS_CHILDREN");
  EXPECT_EQ(refused.facts.at("tasks"), std::to_string(kTasks + 1));

  const auto before = Get<Account>(client, account.name());
  const auto deleted = Delete<Account>(client, account.name(), true);
  ASSERT_TRUE(deleted.ok()) << deleted;
  ExpectGone(client, account.name(), task);
  server.Kill();
  server.Start();
  const Client second(server, "large-tree", kUser);
  ExpectGone(second, account.name(), task);
  AwaitEvent(second, account.name(), "crm.sales.v1.account.deleted");
  ExpectGone(second, account.name(), task);
  // What was there before it can still be read.
  EXPECT_EQ(Get<Account>(second, account.name(), &before.body.update_time()).body.display_name(),
            "Velo Carpați");

  // The commits of the delete have given it etags that nobody saw.
  EXPECT_EQ(UndeleteAt(second, account, "2").facts["current"], before.body.etag());
  ASSERT_TRUE(UndeleteAt(second, account, before.body.etag()).ok());
  server.Kill();
  server.Start();
  const Client third(server, "large-tree", kUser);
  AwaitEvent(third, account.name(), "crm.sales.v1.account.undeleted");
  EXPECT_EQ(Count<Task>(third, TasksOf(account.name())), kTasks + 1);
  EXPECT_EQ(Get<Task>(third, task).body.subject(), "The last");
  EXPECT_FALSE(Get<Account>(third, account.name()).body.has_delete_time());
}

// At most 1,000 are named, and all are counted.
TEST(LargeTree, PreviewCountsWhatWouldBeUnlinked) {
  Server server({"--max-batch", "1000"});
  const Client client(server, "large-tree", kUser);
  const Account parent = Made(client, NewAccount("Velo Carpați"));
  constexpr int kBranches = 1'001;
  for (int made = 0; made < kBranches; made += 500) {
    sales::v1::BatchCreateAccountsRequest batch;
    for (int i = made; i < std::min(made + 500, kBranches); ++i) {
      Account& branch = *batch.add_requests()->mutable_account();
      branch = NewAccount("Branch " + std::to_string(i));
      branch.set_parent_account(parent.name());
    }
    ASSERT_TRUE(
        client.Call<sales::v1::BatchAccountsResponse>(ManyOf<Account>("BatchCreate"), batch).ok());
  }
  const auto preview = PreviewDelete<Account>(client, parent.name());
  ASSERT_TRUE(preview.ok()) << preview;
  EXPECT_EQ(preview.body.unlinked_size(), 1'000);
  EXPECT_EQ(preview.body.unlinked_counts().at("accounts"), kBranches);
  EXPECT_EQ(preview.body.deleted_size(), 1);
  EXPECT_TRUE(preview.body.counts().empty());
}

TEST(LargeTree, ComesBackWhileItGoes) {
  Server server({"--max-batch", "1000"});
  const Client client(server, "large-tree", kUser);
  const Account account = MadeWithTasks(client);
  const auto hashes = Verify(client);
  ASSERT_TRUE(Delete<Account>(client, account.name(), true).ok());
  ASSERT_TRUE(Undelete<Account>(client, account.name()).ok());
  AwaitEvent(client, account.name(), "crm.sales.v1.account.undeleted");
  EXPECT_EQ(Count<Task>(client, TasksOf(account.name())), kTasks);
  EXPECT_EQ(Get<Account>(client, account.name()).body.display_name(), "Velo Carpați");
  server.Kill();
  server.DeleteProjections();
  server.Start();
  EXPECT_EQ(Verify(Client(server, "large-tree", kUser)).size(), hashes.size());
}

}  // namespace
}  // namespace crm::test
