#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/apart/apart.h"
#include "tests/kafka/proxy.h"

// A process that is cut off from the broker tells how old its knowledge of users and roles is, and
// decides by it only for a while.
namespace crm::test {
namespace {

class CutOff : public testing::Test {
 protected:
  static constexpr size_t kBehind = 0;  // sales, with a proxy between itself and the broker
  static constexpr size_t kOther = 1;   // both services

  CutOff() : kafka_({1, {}, {proxy_.port()}}), cluster_(ClusterOptions()) {}

  // A standby's answer, for whoever does not mind how old it is.
  Answer<sales::v1::ListAccountsResponse> Read(const std::string& user) {
    const Client client = After(said_, cluster_[kBehind], tenant_, user);
    return List<Account>(client.With({{"crm-max-staleness", "60m"}, {"crm-forwarded", "test"}}),
                         {});
  }
  template <class Condition>
  Answer<sales::v1::ListAccountsResponse> ReadUntil(const std::string& user,
                                                    const Condition& holds) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(90);
    auto answer = Read(user);
    while (!holds(answer) && std::chrono::steady_clock::now() < end) answer = Read(user);
    EXPECT_TRUE(holds(answer)) << answer << cluster_.Describe();
    return answer;
  }
  // One that the instance behind the proxy does not own: it reads as a standby.
  void ChooseTenant() {
    for (const std::string& tenant : Cluster::Tenants()) {
      if (cluster_.OwnerOf(tenant) == kBehind) continue;
      tenant_ = tenant;
      return;
    }
    FAIL() << "one instance owns everything";
  }

  Proxy proxy_;
  Kafka kafka_;
  Cluster cluster_;
  std::string tenant_;
  std::string said_;  // identity's position

 private:
  Cluster::Options ClusterOptions() {
    proxy_.ForwardTo(kafka_.behind_proxy());
    return {2, {"--identity-max-age-s=20"}, &kafka_, 1, {"sales"}};
  }
};

TEST_F(CutOff, SaysHowOldItsKnowledgeIsAndRefusesInTheEnd) {
  ChooseTenant();
  Organization organization(tenant_, cluster_[kOther]);
  organization.Signed("none", organization.root(), {});
  said_ = organization.Said();
  ReadUntil("admin", [](const auto& answer) { return answer.ok(); });
  EXPECT_EQ(Read("admin").Initial("crm-identity-age"), "");
  EXPECT_EQ(Read("none").reason, "NO_ROLE");

  proxy_.Refuse(true);
  proxy_.Cut();
  const auto old = ReadUntil(
      "admin", [](const auto& answer) { return answer.Initial("crm-identity-age") != ""; });
  EXPECT_TRUE(old.ok()) << old;
  EXPECT_THAT(std::stoi("0" + old.Initial("crm-identity-age")),
              testing::AllOf(testing::Ge(10), testing::Le(20)));
  const auto refused =
      ReadUntil("admin", [](const auto& answer) { return answer.reason == "IDENTITY_TOO_OLD"; });
  EXPECT_EQ(refused.code, grpc::StatusCode::UNAVAILABLE) << refused;
  EXPECT_TRUE(refused.retry_after);
  EXPECT_EQ(Read("none").reason, "IDENTITY_TOO_OLD");
  EXPECT_THAT(cluster_[kBehind].Http("/healthz"), testing::StartsWith("HTTP/1.1 200"));
  // Nothing that identity says meanwhile is lost.
  ASSERT_TRUE(organization.Disable("none").ok());

  proxy_.Refuse(false);
  ReadUntil("admin", [](const auto& answer) {
    return answer.ok() && answer.Initial("crm-identity-age").empty();
  });
  ReadUntil("none", [](const auto& answer) { return answer.reason == "USER_DISABLED"; });
}

}  // namespace
}  // namespace crm::test
