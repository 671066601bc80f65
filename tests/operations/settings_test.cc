#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <set>
#include <sstream>

#include "tests/kafka/proxy.h"
#include "tests/server/kafka.h"
#include "tests/server/sales_records.h"
#include "tests/server/server.h"

// What an operator sets of Kafka: it is told in docs/operations.md, reaches the client as it is,
// and is shown nowhere if it may be a secret.
namespace crm::test {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr char kSecret[] = "correct-horse-battery-staple";

// `crm serve`, which is to end by itself.
Finished Serve(const std::vector<std::string>& flags, const Environment& environment = {}) {
  const TemporaryFolder folder;
  std::vector<std::string> command = {CRM_PROGRAM,
                                      "serve",
                                      "--data",
                                      (folder.path() / "data").string(),
                                      "--grpc=127.0.0.1:0",
                                      "--http=127.0.0.1:0"};
  command.insert(command.end(), flags.begin(), flags.end());
  return test::Run(command, environment);
}

std::vector<std::string> OnKafka(const std::string& brokers, const std::string& prefix) {
  return {"--log=kafka", "--kafka-brokers=" + brokers, "--kafka-prefix=" + prefix,
          "--partitions=1"};
}

std::vector<std::string> Joined(std::vector<std::string> flags,
                                const std::vector<std::string>& more) {
  flags.insert(flags.end(), more.begin(), more.end());
  return flags;
}

// Those that matter to processes on Kafka; the program itself lists all.
TEST(Settings, OfKafkaAreToldToOperators) {
  const Finished printed = Serve({"--print-config"});
  ASSERT_EQ(printed.code, 0) << printed.output;
  const Finished help = test::Run({CRM_PROGRAM, "serve", "--help"});
  const std::string page = ReadText(PROJECT_FOLDER "/docs/operations.md");
  const std::set<std::string> others = {"partitions", "standbys", "advertise", "instance",
                                        "token-key"};
  size_t told = 0;
  std::istringstream lines(printed.output);
  for (std::string line; std::getline(lines, line);) {
    const std::string name = line.substr(0, line.find(" = "));
    EXPECT_NE(help.output.find("--" + name), std::string::npos) << name;
    if (!name.starts_with("kafka-") && !others.contains(name)) continue;
    ++told;
    EXPECT_NE(page.find("| `--" + name), std::string::npos) << name;
  }
  EXPECT_GE(told, others.size() + 5);
}

TEST(Settings, SecretsAreNotPrinted) {
  const TemporaryFolder folder;
  const auto file = folder.path() / "crm.toml";
  WriteText(file, std::string("kafka-config = [\"sasl.password=") + kSecret + "\"]\n");
  const std::vector<std::pair<std::vector<std::string>, Environment>> ways = {
      {{std::string("--kafka-config=sasl.password=") + kSecret}, {}},
      {{std::string("--kafka-config=ssl.key.pem=") + kSecret}, {}},
      {{std::string("--kafka-config=not.known.yet=") + kSecret}, {}},
      {{std::string("--token-key=") + kSecret}, {}},
      {{}, {std::string("CRM_KAFKA_CONFIG=sasl.password=") + kSecret + " client.id=recall"}},
      {{"--config=" + file.string()}, {}}};
  for (const auto& [flags, environment] : ways) {
    const Finished printed = Serve(Joined(flags, {"--print-config"}), environment);
    EXPECT_EQ(printed.code, 0) << printed.output;
    EXPECT_THAT(printed.output, HasSubstr("***"));
    EXPECT_THAT(printed.output, Not(HasSubstr(kSecret)));
  }
}

// What is wrong with a setting is said without it.
TEST(Settings, SecretsAreNotPartOfErrors) {
  for (const std::string& flag : {std::string("--kafka-config=") + kSecret,
                                  std::string("--kafka-config=no.such.secret=") + kSecret,
                                  std::string("--kafka-config=ssl.key.pem=") + kSecret}) {
    const Finished refused = Serve(Joined(OnKafka(Kafka::Shared().bootstrap(), "refused"), {flag}));
    EXPECT_GT(refused.code, 0) << refused.output;
    EXPECT_THAT(refused.output, Not(HasSubstr(kSecret)));
  }
}

// Its clients that come in through the proxy have to sign in.
class SignedIn : public testing::Test {
 protected:
  SignedIn() : kafka_({1, BrokerSettings(), {proxy_.port()}}) {
    proxy_.ForwardTo(kafka_.behind_proxy());
  }
  static std::vector<std::string> BrokerSettings() {
    return {
        "listener.security.protocol.map="
        "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,PROXIED:SASL_PLAINTEXT",
        "listener.name.proxied.sasl.enabled.mechanisms=PLAIN",
        std::string("listener.name.proxied.plain.sasl.jaas.config="
                    "org.apache.kafka.common.security.plain.PlainLoginModule required "
                    "user_recall=\"") +
            kSecret + "\";"};
  }
  std::vector<std::string> Flags(const std::string& password) const {
    return Joined(OnKafka(kafka_.proxied_bootstrap(), "signed"),
                  {"--kafka-replication=1", "--kafka-allow-unsafe", "--log-level=debug",
                   "--kafka-config=security.protocol=SASL_PLAINTEXT",
                   "--kafka-config=sasl.mechanisms=PLAIN", "--kafka-config=sasl.username=recall",
                   "--kafka-config=sasl.password=" + password, "--kafka-config=debug=all"});
  }

  Proxy proxy_;
  Kafka kafka_;
};

TEST_F(SignedIn, SettingsReachTheClientAndSecretsNoLine) {
  Server server(Flags(kSecret));
  const Client client(server, "acme");
  const Lead lead = Made(client, NewLead("Popescu"));
  EXPECT_EQ(Get<Lead>(client, lead.name()).body.last_name(), "Popescu");
  EXPECT_EQ(server.Stop(), 0);
  const std::string output = server.Output();
  EXPECT_THAT(output, HasSubstr("\"library\":\"kafka\""));
  EXPECT_THAT(output, HasSubstr("sasl.password"));  // as librdkafka itself tells of its settings
  EXPECT_THAT(output, Not(HasSubstr(kSecret)));
}

TEST_F(SignedIn, WhoIsNotLetInSaysSoAndEnds) {
  const std::string wrong = "wrong-horse-battery-staple";
  const Finished refused = Serve(Flags(wrong));
  EXPECT_EQ(refused.code, 1) << refused.output;
  EXPECT_THAT(refused.output, HasSubstr("uthentication"));
  EXPECT_THAT(refused.output, Not(HasSubstr(wrong)));
  EXPECT_THAT(refused.output, Not(HasSubstr(kSecret)));
}

// Each refusal names what to look at.
TEST(Refusals, NameTheirFlags) {
  const std::string nobody = "127.0.0.1:1";
  const Finished unreached = Serve(OnKafka(nobody, "nobody"));
  EXPECT_EQ(unreached.code, 1) << unreached.output;
  EXPECT_THAT(unreached.output, HasSubstr("no broker answered at " + nobody));
  EXPECT_THAT(unreached.output, HasSubstr("see --kafka-brokers"));
  for (const char* flag : {"--kafka-prefix=", "--kafka-prefix=a b"}) {
    const Finished refused = Serve(Joined(OnKafka(nobody, "nobody"), {flag}));
    EXPECT_EQ(refused.code, 2) << refused.output;
    EXPECT_THAT(refused.output, HasSubstr("--kafka-prefix"));
  }
  const Finished separate = Serve({"--log=kafka", "--kafka-prefix", ""});
  EXPECT_EQ(separate.code, 2) << separate.output;
  EXPECT_THAT(separate.output, HasSubstr("--kafka-prefix"));
  const Finished unknown = Serve({"--services=sale"});
  EXPECT_EQ(unknown.code, 1) << unknown.output;
  EXPECT_THAT(unknown.output, HasSubstr("--services: there is no service 'sale'"));

  const std::vector<std::string> allowed = {"--kafka-replication=1", "--kafka-allow-unsafe"};
  Server one(Joined(OnKafka(Kafka::Shared().bootstrap(), "counted"), allowed));
  EXPECT_EQ(one.Stop(), 0);
  const Finished other = Serve(
      Joined(Joined(OnKafka(Kafka::Shared().bootstrap(), "counted"), allowed), {"--partitions=2"}));
  EXPECT_EQ(other.code, 1) << other.output;
  EXPECT_THAT(other.output, HasSubstr("1 partitions, not 2: see --partitions"));
}

// One broker is never safe, and says why.
TEST(UnsafeTopics, AreRefusedUnlessAllowed) {
  const auto on_kafka = OnKafka(Kafka::Shared().bootstrap(), "unsafe");
  const Finished few = Serve(on_kafka);
  EXPECT_EQ(few.code, 1) << few.output;
  EXPECT_THAT(few.output, HasSubstr("1 broker for 3 replicas"));
  EXPECT_THAT(few.output, HasSubstr("see --kafka-replication, and --kafka-allow-unsafe"));

  const Finished unsafe = Serve(Joined(on_kafka, {"--kafka-replication=1"}));
  EXPECT_EQ(unsafe.code, 1) << unsafe.output;
  EXPECT_THAT(unsafe.output, HasSubstr("is not safe: min.insync.replicas is 1"));
  EXPECT_THAT(unsafe.output, HasSubstr("see --kafka-allow-unsafe"));

  Server allowed(Joined(on_kafka, {"--kafka-replication=1", "--kafka-allow-unsafe"}));
  Made(Client(allowed, "acme"), NewLead("Popescu"));
  EXPECT_THAT(allowed.Output(), HasSubstr("is not safe: min.insync.replicas is 1"));
  EXPECT_THAT(allowed.Output(), HasSubstr("(allowed)"));
  EXPECT_EQ(allowed.Stop(), 0);
  // Neither is one that was created with leave by somebody without it.
  EXPECT_EQ(Serve(Joined(on_kafka, {"--kafka-replication=1"})).code, 1);
}

// With the replicas that are wanted unless something else is said.
TEST(UnsafeTopics, NeedNoOtherReplicationToBeAllowed) {
  Server allowed(Joined(OnKafka(Kafka::Shared().bootstrap(), "fewer"), {"--kafka-allow-unsafe"}));
  Made(Client(allowed, "acme"), NewLead("Popescu"));
  EXPECT_EQ(allowed.Stop(), 0);
}

// It serves before it has told analysts what decodes its events.
TEST(Schema, IsPublishedBehindServing) {
  Server server(Joined(OnKafka(Kafka::Shared().bootstrap(), "published"),
                       {"--kafka-replication=1", "--kafka-allow-unsafe"}));
  const std::string published = "is in crm.schemas";
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (server.Output().find(published) == std::string::npos &&
         std::chrono::steady_clock::now() < end) {
  }
  const std::string output = server.Output();
  ASSERT_THAT(output, HasSubstr(published));
  EXPECT_LT(output.find("\"listening\""), output.find(published));
}

TEST(SafeTopics, NeedNoLeave) {
  Kafka kafka({3, {}, {}});
  Server server(OnKafka(kafka.bootstrap(), "safe"));
  Made(Client(server, "acme"), NewLead("Popescu"));
  EXPECT_THAT(server.Output(), Not(HasSubstr("is not safe")));
  EXPECT_EQ(server.Stop(), 0);
}

}  // namespace
}  // namespace crm::test
