#include "libs/runtime/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>

namespace crm::runtime {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class SettingsTest : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string File(const std::string& content) {
    const std::string path = folder_ + "/crm.toml";
    std::ofstream(path) << content;
    return path;
  }
  Invocation Read(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "serve");
    return ReadInvocation(arguments, [this](const char* name) {
      const auto found = environment_.find(name);
      return found == environment_.end() ? nullptr : found->second.c_str();
    });
  }

  std::map<std::string, std::string> environment_;
  const std::string folder_ = testing::TempDir() + "/settings_test." + std::to_string(getpid());
};

TEST_F(SettingsTest, HaveDefaults) {
  const Invocation read = Read({});
  ASSERT_TRUE(read.serve) << read.output;
  EXPECT_EQ(read.settings.grpc, "127.0.0.1:7400");
  EXPECT_EQ(read.settings.http, "127.0.0.1:7480");
  EXPECT_EQ(read.settings.data, "./data");
  EXPECT_EQ(read.settings.partitions, 4);
  EXPECT_FALSE(read.settings.trust_metadata);
  EXPECT_TRUE(read.settings.reflection);
}

TEST_F(SettingsTest, TakeFlagsBeforeEnvironmentBeforeFile) {
  const std::string file =
      File("grpc = \"127.0.0.1:1\"\nhttp = \"127.0.0.1:1\"\npartitions = 1\nreflection = false\n");
  environment_ = {{"CRM_GRPC", "127.0.0.1:2"}, {"CRM_HTTP", "127.0.0.1:2"}};
  const Invocation read = Read({"--config", file, "--grpc", "127.0.0.1:3"});
  ASSERT_TRUE(read.serve) << read.output;
  EXPECT_EQ(read.settings.grpc, "127.0.0.1:3");
  EXPECT_EQ(read.settings.http, "127.0.0.1:2");
  EXPECT_EQ(read.settings.partitions, 1);
  EXPECT_FALSE(read.settings.reflection);
}

TEST_F(SettingsTest, TakeFlagsThatAreOffBeforeEnvironment) {
  environment_ = {{"CRM_TRUST_METADATA", "true"}, {"CRM_REFLECTION", "false"}};
  Invocation read = Read({});
  ASSERT_TRUE(read.serve) << read.output;
  EXPECT_TRUE(read.settings.trust_metadata);
  EXPECT_FALSE(read.settings.reflection);
  read = Read({"--no-trust-metadata", "--reflection"});
  ASSERT_TRUE(read.serve) << read.output;
  EXPECT_FALSE(read.settings.trust_metadata);
  EXPECT_TRUE(read.settings.reflection);
  EXPECT_FALSE(Read({"--reflection=true", "--no-reflection"}).settings.reflection);
}

TEST_F(SettingsTest, FindTheFileInTheEnvironment) {
  environment_ = {{"CRM_CONFIG", File("partitions = 7\n")}};
  EXPECT_EQ(Read({}).settings.partitions, 7);
}

TEST_F(SettingsTest, KeepTheLogOutOfTheSampleData) {
  environment_ = {{"CRM_DATA", "/samples"}};
  EXPECT_EQ(Read({}).settings.data, "./data");
  environment_ = {{"CRM_DATA_DIR", "/var/lib/crm"}};
  EXPECT_EQ(Read({}).settings.data, "/var/lib/crm");
}

TEST_F(SettingsTest, RefuseWhatTheyDoNotKnow) {
  Invocation read = Read({"--config", File("partitons = 7\n")});
  EXPECT_FALSE(read.serve);
  EXPECT_EQ(read.exit_code, 2);
  EXPECT_THAT(read.output, HasSubstr("partitons"));
  read = Read({"--config", File("[section]\npartitions = 7\n")});
  EXPECT_EQ(read.exit_code, 2);
  EXPECT_THAT(read.output, HasSubstr("section"));
  EXPECT_EQ(Read({"--partitons=7"}).exit_code, 2);
  EXPECT_EQ(Read({"--config", "/no/such/file"}).exit_code, 2);
}

TEST_F(SettingsTest, RefuseBadValuesAndNameTheirSource) {
  environment_ = {{"CRM_PARTITIONS", "0"}};
  EXPECT_THAT(Read({}).output, HasSubstr("CRM_PARTITIONS"));
  environment_.clear();
  EXPECT_THAT(Read({"--config", File("grpc = \"nowhere\"\n")}).output, HasSubstr("crm.toml"));
  EXPECT_EQ(Read({"--grpc=127.0.0.1"}).exit_code, 2);
  EXPECT_EQ(Read({"--grpc=127.0.0.1:99999"}).exit_code, 2);
  EXPECT_EQ(Read({"--log=paper"}).exit_code, 2);
  EXPECT_EQ(Read({"--log-level=loud"}).exit_code, 2);
  EXPECT_EQ(Read({"--token-key=short"}).exit_code, 2);
}

TEST_F(SettingsTest, TrustNobodyFromElsewhere) {
  const Invocation read = Read({"--trust-metadata", "--grpc=0.0.0.0:7400"});
  EXPECT_EQ(read.exit_code, 2);
  EXPECT_THAT(read.output, HasSubstr("loopback"));
}

TEST_F(SettingsTest, ArePrintedWithSecretsMasked) {
  const Invocation read =
      Read({"--print-config", "--token-key=0123456789abcdef", "--partitions=3"});
  EXPECT_FALSE(read.serve);
  EXPECT_EQ(read.exit_code, 0);
  EXPECT_THAT(read.output, HasSubstr("partitions = 3\n"));
  EXPECT_THAT(read.output, HasSubstr("token-key = \"***\"\n"));
  EXPECT_THAT(read.output, Not(HasSubstr("0123456789abcdef")));
}

TEST_F(SettingsTest, ArePrintedAsAFileThatReadsTheSame) {
  const Invocation read = Read({"--print-config", "--data=/with blank", "--no-reflection"});
  const Invocation again = Read({"--config", File(read.output), "--print-config"});
  EXPECT_EQ(again.output, read.output);
}

TEST_F(SettingsTest, AnswerVersionAndHelp) {
  const auto nothing = [](const char*) -> const char* { return nullptr; };
  const Invocation version = ReadInvocation({"--version"}, nothing);
  EXPECT_FALSE(version.serve);
  EXPECT_EQ(version.exit_code, 0);
  EXPECT_THAT(version.output, testing::StartsWith("crm 0."));
  EXPECT_THAT(ReadInvocation({"--help"}, nothing).output, HasSubstr("serve"));
  EXPECT_THAT(ReadInvocation({"serve", "--help"}, nothing).output, HasSubstr("CRM_TOKEN_KEY"));
  EXPECT_THAT(ReadInvocation({"serve", "--help"}, nothing).output,
              HasSubstr("--reflection,--no-reflection BOOL=true"));
  EXPECT_EQ(ReadInvocation({}, nothing).exit_code, 2);
}

TEST_F(SettingsTest, ChooseServices) {
  Settings settings;
  EXPECT_THAT(*ServicesToRun(settings, {"identity", "sales"}), ElementsAre("identity", "sales"));
  settings.services = "sales";
  EXPECT_THAT(*ServicesToRun(settings, {"identity", "sales"}), ElementsAre("sales"));
  settings.services = "sales,purchasing";
  const auto unknown = ServicesToRun(settings, {"identity", "sales"});
  ASSERT_FALSE(unknown);
  EXPECT_THAT(unknown.error().text, HasSubstr("purchasing"));
}

TEST_F(SettingsTest, PassKafkaConfigOnAndMaskIt) {
  environment_ = {{"CRM_KAFKA_CONFIG", "sasl.password=a,b sasl.mechanism=PLAIN"}};
  const Invocation read = Read({"--print-config"});
  EXPECT_THAT(read.settings.kafka_config, ElementsAre("sasl.password=a,b", "sasl.mechanism=PLAIN"));
  EXPECT_THAT(read.output, HasSubstr("sasl.password=***"));
  EXPECT_THAT(read.output, HasSubstr("sasl.mechanism=PLAIN"));
  EXPECT_THAT(read.output, Not(HasSubstr("a,b")));
  const Invocation flags =
      Read({"--kafka-config", "ssl.key.pem=x", "--kafka-config=security.protocol=SSL"});
  EXPECT_THAT(flags.settings.kafka_config, ElementsAre("ssl.key.pem=x", "security.protocol=SSL"));
  const Invocation file = Read({"--config", File("kafka-config = [\"a.b=1\", \"c.d=2\"]\n")});
  EXPECT_THAT(file.output, testing::IsEmpty());
  EXPECT_EQ(Read({"--kafka-config", "nothing"}).exit_code, 2);
}

TEST_F(SettingsTest, NameAProcessByItsAddress) {
  Settings settings;
  settings.grpc = "127.0.0.1:7401";
  EXPECT_EQ(AdvertisedAddress(settings), "127.0.0.1:7401");
  EXPECT_EQ(InstanceName(settings), "127.0.0.1_7401");
  settings.advertise = "crm-1.crm:7400";
  EXPECT_EQ(AdvertisedAddress(settings), "crm-1.crm:7400");
  settings.instance = "crm-1";
  EXPECT_EQ(InstanceName(settings), "crm-1");
  settings.advertise.clear();
  settings.grpc = "0.0.0.0:7400";
  EXPECT_THAT(AdvertisedAddress(settings), testing::EndsWith(":7400"));
  EXPECT_THAT(AdvertisedAddress(settings), Not(HasSubstr("0.0.0.0")));
}

TEST_F(SettingsTest, CountStandbys) {
  EXPECT_EQ(StandbysOf(Read({"--standbys", "2"}).settings), 2);
  EXPECT_GT(StandbysOf(Read({}).settings), 1'000'000);
  EXPECT_EQ(Read({"--standbys", "some"}).exit_code, 2);
}

}  // namespace
}  // namespace crm::runtime
