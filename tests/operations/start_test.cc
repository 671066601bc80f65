#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/server/kafka.h"
#include "tests/server/sales_records.h"
#include "tests/server/server.h"

// Starts that can not end well must not harm who serves already.
namespace crm::test {
namespace {

using testing::HasSubstr;

std::vector<std::string> OnKafka(const std::string& prefix) {
  return {"--log=kafka",
          "--kafka-brokers=" + Kafka::Shared().bootstrap(),
          "--kafka-replication=1",
          "--kafka-allow-unsafe",
          "--partitions=2",
          "--services=sales,identity",
          "--kafka-prefix=" + prefix};
}

// What `crm serve` says that does not come to serving.
Finished StartAgain(const std::filesystem::path& data, const std::string& prefix,
                    const std::vector<std::string>& more) {
  std::vector<std::string> command = {CRM_PROGRAM, "serve", "--data", data.string(),
                                      "--trust-metadata"};
  for (const std::string& flag : OnKafka(prefix)) command.push_back(flag);
  command.insert(command.end(), more.begin(), more.end());
  return test::Run(command);
}

// They would have the same name in the group.
TEST(Start, OnPortsThatAreTakenLeavesTheOtherAlone) {
  const Server serving(OnKafka("ports"));
  const Client client(serving, "test");
  EXPECT_TRUE(Create(client, FullLead(1)).ok());
  const auto second = StartAgain(serving.folder() / "other", "ports",
                                 {"--grpc=" + serving.target(), "--http=127.0.0.1:0"});
  EXPECT_EQ(second.code, 1) << second.output;
  EXPECT_THAT(second.output, HasSubstr("can not listen on " + serving.target()));
  EXPECT_TRUE(Create(client, FullLead(2)).ok());
  EXPECT_THAT(serving.Http("/readyz"), HasSubstr(" 200 "));
}

TEST(Start, WithProjectionsOfAnotherLogIsRefusedBeforeItJoins) {
  Server first(OnKafka("first"));
  EXPECT_TRUE(Create(Client(first, "test"), FullLead(1)).ok());
  EXPECT_EQ(first.Stop(), 0);
  const Server serving(OnKafka("second"));
  const Client client(serving, "test");
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(Create(client, FullLead(i)).ok());
  }
  const auto refused = StartAgain(first.folder() / "data", "second",
                                  {"--grpc=127.0.0.1:0", "--http=127.0.0.1:0", "--instance=other"});
  EXPECT_EQ(refused.code, 1) << refused.output;
  EXPECT_THAT(refused.output, HasSubstr("was not built from this log"));
  EXPECT_THAT(refused.output, HasSubstr("check --data and --kafka-prefix"));
  EXPECT_TRUE(Create(client, FullLead(9)).ok());
}

// Not even for a moment: it would build some of them anew, and stop at others.
TEST(Start, OnTheEmbeddedLogWithProjectionsOfKafkasIsRefused) {
  Server server(OnKafka("left"));
  const Client client(server, "test");
  const Lead lead = Made(client, FullLead(1));
  EXPECT_EQ(server.Stop(), 0);
  for (const std::string service : {"sales", "identity", "sales,identity"}) {
    const auto refused = test::Run(
        {CRM_PROGRAM, "serve", "--data", (server.folder() / "data").string(), "--log=embedded",
         "--partitions=2", "--services=" + service, "--grpc=127.0.0.1:0", "--http=127.0.0.1:0"});
    EXPECT_EQ(refused.code, 1) << refused.output;
    EXPECT_THAT(refused.output, HasSubstr("was not built from this log"));
    EXPECT_THAT(refused.output, HasSubstr("check --data and --log;"));
  }
  // On Kafka they are what they were.
  server.Start();
  EXPECT_EQ(Get<Lead>(Client(server, "test"), lead.name()).body.last_name(), lead.last_name());
}

}  // namespace
}  // namespace crm::test
