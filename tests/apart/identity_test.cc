#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/apart/apart.h"

// Identity runs in one process, sales in two others, which know of users and roles what they
// follow.
namespace crm::test {
namespace {

constexpr size_t kIdentity = 0, kSales = 1, kOtherSales = 2;

class Apart : public testing::Test {
 protected:
  Apart() : cluster_({3, {}, nullptr, 0, {"identity", "sales", "sales"}}) {}

  // A user with every right on accounts and leads, and one without a role.
  void Grow(Organization* organization) {
    role_ = organization->Role("all", {{"accounts", 4}});
    organization->Signed("ana", organization->root(),
                         {role_, organization->Role("other", {{"leads", 4}})});
    organization->Signed("none", organization->root(), {});
  }

  Cluster cluster_;
  std::string role_;
};

// A position of identity's answer makes sales wait for what was said there.
TEST_F(Apart, AGrantIsSeenAtItsPosition) {
  Organization organization("globex", cluster_[kIdentity]);
  Grow(&organization);
  for (int round = 1; round <= 20; ++round) {
    const Outcome revoked = organization.RemoveRole("ana", role_);
    ASSERT_TRUE(revoked.ok()) << revoked;
    const auto refused = InTheEnd([&] {
      return Create(After(revoked.position(), cluster_[kSales], "globex", "ana"),
                    NewAccount("Refused"));
    });
    EXPECT_EQ(refused.reason, "MISSING_RIGHT") << refused;
    const Outcome given = organization.GiveRole("ana", role_);
    ASSERT_TRUE(given.ok()) << given;
    const auto made = InTheEnd([&] {
      return Create(After(given.position(), cluster_[kOtherSales], "globex", "ana"),
                    NewAccount("Made"));
    });
    EXPECT_TRUE(made.ok()) << made;
    record::v1::ListRequest list;
    list.set_min_position(given.position());
    const auto listed =
        InTheEnd([&] { return List<Account>(Client(cluster_[kSales], "globex", "ana"), list); });
    ASSERT_TRUE(listed.ok()) << listed;
    EXPECT_EQ(listed.body.accounts_size(), round);
  }
}

// Any process takes any call, also of a service that it does not run.
TEST_F(Apart, CallsOfAServiceElsewhereArePassedOn) {
  Organization organization("hooli", cluster_[kIdentity]);
  Grow(&organization);
  const auto users = InTheEnd([&] {
    return Client(cluster_[kSales], "hooli", "admin")
        .Call<identity::v1::ListUsersResponse>("/crm.identity.v1.Users/ListUsers",
                                               record::v1::ListRequest());
  });
  ASSERT_TRUE(users.ok()) << users;
  EXPECT_EQ(users.body.users_size(), 3);
  identity::v1::RemoveUserRolesRequest remove;
  remove.set_name(organization.User("ana").name());
  remove.add_roles(role_);
  const auto removed = InTheEnd([&] {
    return Client(cluster_[kSales], "hooli", "admin")
        .Call<identity::v1::RemoveUserRolesResponse>("/crm.identity.v1.Users/RemoveUserRoles",
                                                     remove);
  });
  ASSERT_TRUE(removed.ok()) << removed;
  const auto made = InTheEnd(
      [&] { return Create(Client(cluster_[kIdentity], "hooli", "admin"), NewAccount("Hooli")); });
  ASSERT_TRUE(made.ok()) << made;
  record::v1::WatchRequest everything;
  everything.set_initial_state(true);
  everything.set_until_now(true);
  auto watch = Client(cluster_[kIdentity], "hooli", "admin")
                   .Open("/crm.sales.v1.Accounts/WatchAccounts", everything);
  sales::v1::AccountChange change;
  ASSERT_TRUE(watch->Next(&change));
  EXPECT_EQ(change.account().name(), made.body.name());
}

TEST_F(Apart, APositionOfAnotherLogIsRefused) {
  Organization organization("initech", cluster_[kIdentity]);
  Grow(&organization);
  const std::string elsewhere = Organization("acme", cluster_[kIdentity]).Said();
  const auto refused = InTheEnd([&] {
    return Create(After(elsewhere, cluster_[kSales], "initech", "ana"), NewAccount("Refused"));
  });
  // By the name that the client used.
  ASSERT_TRUE(refused.faults.contains("crm-min-position")) << refused;
  EXPECT_EQ(refused.faults.at("crm-min-position"), "POSITION_OF_ANOTHER_LOG");
}

TEST_F(Apart, SalesDecidesAlsoWithoutIdentity) {
  Organization organization("acme", cluster_[kIdentity]);
  Grow(&organization);
  const std::string said = organization.Said();
  const auto decided = [&] {
    for (const size_t instance : {kSales, kOtherSales}) {
      const auto as = [&](const std::string& user) {
        return After(said, cluster_[instance], "acme", user);
      };
      const auto made = InTheEnd([&] { return Create(as("ana"), NewAccount("Made")); });
      EXPECT_TRUE(made.ok()) << instance << ": " << made << cluster_.Describe();
      const auto refused = InTheEnd([&] { return Create(as("none"), NewAccount("Refused")); });
      EXPECT_EQ(refused.reason, "NO_ROLE") << instance << ": " << refused;
      const auto unseen = InTheEnd([&] { return List<Account>(as("none"), {}); });
      EXPECT_EQ(unseen.reason, "NO_ROLE") << instance << ": " << unseen;
      const auto stranger = InTheEnd([&] { return List<Account>(as("stranger"), {}); });
      EXPECT_EQ(stranger.reason, "UNKNOWN_USER") << instance << ": " << stranger;
    }
  };
  decided();
  EXPECT_EQ(cluster_[kIdentity].Stop(), 0);
  decided();
  // What they know is on their disks, and in the log.
  for (const size_t instance : {kSales, kOtherSales}) cluster_[instance].Kill();
  for (const size_t instance : {kSales, kOtherSales}) cluster_[instance].Start();
  decided();
  EXPECT_EQ(cluster_[kSales].Stop(), 0);
  cluster_[kSales].DeleteProjections();
  cluster_[kSales].Start();
  decided();
}

TEST_F(Apart, ASuspendedOrganizationIsClosedEverywhere) {
  Organization organization("acme", cluster_[kIdentity]);
  Grow(&organization);
  for (int round = 0; round < 2; ++round) {
    const Outcome suspended = organization.Suspend();
    ASSERT_TRUE(suspended.ok()) << suspended;
    for (const char* user : {"ana", "admin"}) {
      const auto refused = InTheEnd([&] {
        return List<Account>(After(suspended.position(), cluster_[kSales], "acme", user), {});
      });
      EXPECT_EQ(refused.reason, "TENANT_SUSPENDED") << user << ": " << refused;
    }
    const Outcome resumed = organization.Resume();
    ASSERT_TRUE(resumed.ok()) << resumed;
    const auto made = InTheEnd([&] {
      return Create(After(resumed.position(), cluster_[kOtherSales], "acme", "ana"),
                    NewAccount("Made"));
    });
    EXPECT_TRUE(made.ok()) << made;
  }
}

TEST_F(Apart, ARevokedRoleEndsAWatchInAnotherProcess) {
  Organization organization("acme", cluster_[kIdentity]);
  Grow(&organization);
  const Client ana = After(organization.Said(), cluster_[kSales], "acme", "ana");
  const auto made = InTheEnd([&] { return Create(ana, NewAccount("First")); });
  ASSERT_TRUE(made.ok()) << made;
  record::v1::WatchRequest from_the_beginning;
  from_the_beginning.set_position("0");
  const auto watch = ana.Open("/crm.sales.v1.Accounts/WatchAccounts", from_the_beginning);
  sales::v1::AccountChange change;
  ASSERT_TRUE(watch->Next(&change));
  ASSERT_TRUE(organization.RemoveRole("ana", role_).ok());
  EXPECT_FALSE(watch->Next(&change));
  EXPECT_EQ(watch->Finish().reason, "RIGHTS_CHANGED");
}

}  // namespace
}  // namespace crm::test
