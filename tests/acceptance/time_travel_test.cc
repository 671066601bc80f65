#include <gmock/gmock.h>

#include "tests/server/records.h"

// Reading the past.
namespace crm::test {
namespace {

using google::protobuf::Timestamp;

Timestamp Later(const Timestamp& time, int microseconds) {
  const int64_t all = time.seconds() * 1'000'000 + time.nanos() / 1000 + microseconds;
  Timestamp later;
  later.set_seconds(all / 1'000'000);
  later.set_nanos(static_cast<int>(all % 1'000'000 * 1000));
  return later;
}

int64_t CountAt(const Client& client, const std::string& filter, const Timestamp& time) {
  record::v1::ListRequest request;
  request.set_filter(filter);
  request.set_with_total_size(true);
  *request.mutable_read_time() = time;
  const auto answer = List<Lead>(client, request);
  EXPECT_TRUE(answer.ok()) << answer;
  EXPECT_EQ(answer.body.total_size(), answer.body.leads_size());
  return answer.body.total_size();
}

// | 202 | ES | Time travel | G record with 5 versions W Get as_of each T exact states |
TEST(Acceptance, R202_ReadsEveryVersionAsItWas) {
  const Client client(Server::Shared(), "r202");
  std::vector<Lead> versions = {Create(client, FullLead(1)).body};
  for (int i = 2; i <= 5; ++i) {
    Lead next = FullLead(i);
    next.set_name(versions.back().name());
    const auto updated = Update(client, next, {"*"});
    ASSERT_TRUE(updated.ok()) << updated;
    versions.push_back(updated.body);
  }
  const std::string& name = versions[0].name();
  const auto deleted = Delete<Lead>(client, name);
  ASSERT_TRUE(deleted.ok()) << deleted;
  const auto before = Verify(client);
  for (size_t i = 0; i < versions.size(); ++i) {
    SCOPED_TRACE("version " + std::to_string(i + 1));
    const Timestamp time = versions[i].update_time();
    EXPECT_TRUE(Equal(Get<Lead>(client, name, &time).body, versions[i]));
    const Timestamp before_it = Later(time, -1);
    const auto earlier = Get<Lead>(client, name, &before_it);
    if (i == 0) {
      EXPECT_EQ(earlier.code, grpc::StatusCode::NOT_FOUND);
    } else {
      EXPECT_TRUE(Equal(earlier.body, versions[i - 1]));
    }
    const std::string rating = Lead::Rating_Name(versions[i].rating());
    EXPECT_EQ(CountAt(client, "state = \"STATE_OPEN\" AND rating = \"" + rating + '"', time), 1);
  }
  EXPECT_EQ(CountAt(client, "state = \"STATE_OPEN\"", Later(versions[0].update_time(), -1)), 0);
  EXPECT_EQ(Get<Lead>(client, name).code, grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(Verify(client), before) << "reading changes nothing";
  EXPECT_EQ(ChangesAfter(client, "0").size(), 6u);
}

}  // namespace
}  // namespace crm::test
