#include <google/protobuf/util/time_util.h>
#include <gtest/gtest.h>

#include "tests/server/records.h"

// A tenant that is being loaded gets its true past: the loader sets its clock.
namespace crm::test {
namespace {

using google::protobuf::util::TimeUtil;

constexpr int64_t kDay = 24LL * 3600 * 1'000'000;
constexpr int64_t kFirst = 1'476'950'400'000'000;  // 2016-10-20T08:00:00Z

Client Loading(const Client& client, int64_t time_us) {
  return client.With({{"crm-client", "import"}, {"crm-event-time", std::to_string(time_us)}});
}

int64_t CreatedAt(const Answer<Lead>& answer) {
  EXPECT_TRUE(answer.ok()) << answer;
  return TimeUtil::TimestampToMicroseconds(answer.body.create_time());
}

TEST(Loading, SetsTheTenantsClock) {
  const Client client(Server::Shared(), "loading");
  EXPECT_EQ(CreatedAt(Create(Loading(client, kFirst), NewLead("First"))), kFirst);
  EXPECT_EQ(CreatedAt(Create(Loading(client, kFirst + kDay), NewLead("Second"))), kFirst + kDay);
  // It never goes back, and nothing happens in the future.
  EXPECT_EQ(CreatedAt(Create(Loading(client, kFirst), NewLead("Late"))), kFirst + kDay);
  google::protobuf::Timestamp between = TimeUtil::MicrosecondsToTimestamp(kFirst + kDay / 2);
  record::v1::ListRequest then;
  then.set_filter("state = \"STATE_OPEN\"");
  *then.mutable_read_time() = between;
  const auto listed = List<Lead>(client, then);
  ASSERT_EQ(listed.body.leads_size(), 1) << listed;
  EXPECT_EQ(listed.body.leads(0).last_name(), "First");
  const int64_t future = kFirst + 100LL * 365 * kDay;
  EXPECT_LT(CreatedAt(Create(Loading(client, future), NewLead("Soon"))), future);
}

TEST(Loading, EndsWithTheFirstOtherCommand) {
  const Client client(Server::Shared(), "loading-ends");
  EXPECT_EQ(
      Create(client.With({{"crm-event-time", std::to_string(kFirst)}}), NewLead("Web")).reason,
      "TENANT_NOT_LOADING")
      << "only an import";
  EXPECT_EQ(CreatedAt(Create(Loading(client, kFirst), NewLead("First"))), kFirst);
  EXPECT_GT(CreatedAt(Create(client, NewLead("By hand"))), kFirst + kDay);
  EXPECT_EQ(Create(Loading(client, kFirst + kDay), NewLead("Late")).reason, "TENANT_NOT_LOADING");
}

}  // namespace
}  // namespace crm::test
