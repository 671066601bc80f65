#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <nlohmann/json.hpp>
#include <optional>

#include "libs/log/kafka.h"
#include "tests/server/cluster.h"
#include "tests/server/filled.h"
#include "tests/server/kafka.h"
#include "tests/server/sales_records.h"

// A log that moves from one machine's folder to Kafka and back, with nothing but `crmctl log copy`,
// and `crm` before and after.
namespace crm::test {
namespace {

using testing::HasSubstr;

constexpr int kOnKafka = 3;
constexpr int kInFolder = 2;
constexpr int kBatches = 100;
constexpr int kEach = 200;  // leads
constexpr int kAttempts = 20;
constexpr int kEndMs = 60'000;

// By tenant.
using Hashes = std::map<std::string, std::map<std::string, std::string>>;

Hashes VerifyAll(const Server& server) {
  Hashes all;
  for (const std::string& tenant : Cluster::Tenants()) {
    const auto answer = Client(server, tenant)
                            .Call<record::v1::VerifyResponse>("/crm.record.v1.Verification/Verify",
                                                              record::v1::VerifyRequest());
    EXPECT_TRUE(answer.ok()) << answer;
    for (const auto& [section, hash] : answer.body.hashes()) all[tenant][section] = hash;
  }
  return all;
}

void ChangeSomething(const Server& server, int round) {
  for (const std::string& tenant : Cluster::Tenants()) {
    const Client client(server, tenant);
    for (int i = 0; i < 12; ++i) {
      const Lead lead = Made(client, FullLead(round * 100 + i));
      Made(client, NewNote(lead.name(), "Called"));
      if (i % 3 == 0) {
        EXPECT_TRUE(Delete<Lead>(client, lead.name(), true).ok());
      }
      if (i % 6 == 0) {
        EXPECT_TRUE(Undelete<Lead>(client, lead.name()).ok());
      }
    }
  }
}

Finished CopyLog(const std::string& from, const std::string& to,
                 const std::vector<std::string>& more) {
  std::vector<std::string> command = {CRMCTL_PROGRAM, "-o", "json", "log", "copy",
                                      "--from",       from, "--to", to,    "--allow-unsafe"};
  command.insert(command.end(), more.begin(), more.end());
  return test::Run(command);
}

// What it says of each tenant: how many events there are, and their hash.
nlohmann::json TenantsOf(const Finished& copied) {
  EXPECT_EQ(copied.code, 0) << copied.output;
  const auto json = nlohmann::json::parse(copied.output.substr(copied.output.find('{')), nullptr,
                                          /*allow_exceptions=*/false);
  EXPECT_FALSE(json.is_discarded()) << copied.output;
  return json.is_object() ? json.value("tenants", nlohmann::json()) : nlohmann::json();
}

class LogCopy : public testing::Test {
 protected:
  LogCopy() : embedded_({"--log=embedded", Partitions(kInFolder)}) {}

  static std::string Partitions(int count) { return "--partitions=" + std::to_string(count); }
  static std::string Topic(const std::string& prefix) {
    return "kafka:" + Kafka::Shared().bootstrap() + "/" + prefix + ".sales.events";
  }
  static std::string Folder(const std::filesystem::path& data) {
    return "embedded:" + (data / "log" / "sales").string();
  }
  static std::vector<std::string> OnKafka(const std::string& prefix) {
    return {"--log=kafka",
            "--kafka-brokers=" + Kafka::Shared().bootstrap(),
            "--kafka-replication=1",
            "--kafka-allow-unsafe",
            "--kafka-prefix=" + prefix,
            Partitions(kOnKafka)};
  }

  // So many leads that a copy takes its time.
  void FillLong() const {
    const Client client(embedded_, "long");
    for (int i = 0; i < kBatches; ++i) {
      sales::v1::BatchCreateLeadsRequest batch;
      for (int j = 0; j < kEach; ++j) *batch.add_requests()->mutable_lead() = FullLead(j);
      const auto answer =
          client.Call<sales::v1::BatchLeadsResponse>(ManyOf<Lead>("BatchCreate"), batch);
      ASSERT_TRUE(answer.ok()) << answer;
    }
  }
  // Leaves a copy that was killed once everything was there, but had not been compared.
  void Interrupt(const std::string& from, const std::filesystem::path& data) const {
    const auto output = embedded_.folder() / "copying.txt";
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
      std::filesystem::remove_all(data);
      std::filesystem::remove(output);
      Process copying({CRMCTL_PROGRAM, "log", "copy", "--from", from, "--to", Folder(data)},
                      output);
      std::optional<int> ended;
      while (!ended && ReadText(output).find("events copied") == std::string::npos)
        ended = copying.Wait(1);
      copying.Signal(SIGKILL);
      ended = copying.Wait(kEndMs);
      ASSERT_TRUE(ended);
      // It may have been faster.
      if (*ended == -SIGKILL) return;
      ASSERT_EQ(*ended, 0) << ReadText(output);
    }
    FAIL() << "it always was faster";
  }

  // Messages in the topic; nothing while it is not there.
  static std::optional<int64_t> MessagesIn(const std::string& prefix) {
    log::KafkaOptions options;
    options.brokers = Kafka::Shared().bootstrap();
    options.topic = prefix + ".sales.events";
    options.partitions = kOnKafka;
    options.create = false;
    options.allow_unsafe = true;
    const auto log = log::OpenKafka(options);
    if (!log) return std::nullopt;
    int64_t messages = 0;
    for (int partition = 0; partition < kOnKafka; ++partition) {
      const auto end = (*log)->End(partition);
      if (!end) return std::nullopt;
      messages += *end;
    }
    return messages;
  }
  // Leaves a copy on Kafka that was killed when a part of the events was there; returns the prefix
  // of its topic's name.
  static std::string InterruptOnKafka(const std::string& from,
                                      const std::filesystem::path& output) {
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
      const std::string prefix = "killed" + std::to_string(attempt);
      Process copying({CRMCTL_PROGRAM, "log", "copy", "--from", from, "--to", Topic(prefix),
                       "--partitions", std::to_string(kOnKafka), "--allow-unsafe"},
                      output);
      std::optional<int> ended;
      while (!ended && MessagesIn(prefix).value_or(0) == 0) ended = copying.Wait(1);
      copying.Signal(SIGKILL);
      ended = copying.Wait(kEndMs);
      // It may have been faster.
      const int64_t messages = MessagesIn(prefix).value_or(0);
      if (ended == -SIGKILL && messages > 0 && messages < kBatches * kEach) return prefix;
    }
    ADD_FAILURE() << "it always was faster: " << ReadText(output);
    return {};
  }

  Server embedded_;
};

TEST_F(LogCopy, MovesToKafkaAndBack) {
  ChangeSomething(embedded_, 1);
  const Hashes before = VerifyAll(embedded_);
  EXPECT_EQ(embedded_.Stop(), 0);
  const auto there = CopyLog(Folder(embedded_.folder() / "data"), Topic("moved"),
                             {"--partitions", std::to_string(kOnKafka)});
  const auto sums = TenantsOf(there);
  EXPECT_EQ(sums.size(), Cluster::Tenants().size()) << there.output;

  Server on_kafka(OnKafka("moved"));
  EXPECT_EQ(VerifyAll(on_kafka), before);
  ChangeSomething(on_kafka, 2);
  const Hashes after = VerifyAll(on_kafka);
  EXPECT_NE(after, before);
  EXPECT_EQ(on_kafka.Stop(), 0);

  // Back into the folder that it came from, whose log and projections are of the time before.
  std::filesystem::remove_all(embedded_.folder() / "data");
  const auto back = CopyLog(
      Topic("moved"), Folder(embedded_.folder() / "data"),
      {"--from-partitions", std::to_string(kOnKafka), "--partitions", std::to_string(kInFolder)});
  const auto sums_after = TenantsOf(back);
  for (const auto& [tenant, sum] : sums_after.items()) {
    EXPECT_GT(sum["events"], sums[tenant]["events"]) << tenant;
  }
  embedded_.Start();
  EXPECT_EQ(VerifyAll(embedded_), after);
  ChangeSomething(embedded_, 3);
}

// So long that the producer reports in the middle of a copy.
TEST_F(LogCopy, MovesALongLog) {
  constexpr int kCopies = 6;  // it may happen, but need not
  FillLong();
  EXPECT_EQ(embedded_.Stop(), 0);
  for (int copy = 0; copy < kCopies; ++copy) {
    const auto sums =
        TenantsOf(CopyLog(Folder(embedded_.folder() / "data"), Topic("long" + std::to_string(copy)),
                          {"--partitions", std::to_string(kOnKafka)}));
    ASSERT_EQ(sums["long"]["events"], kBatches * kEach) << sums;
  }
}

// What one copy says of the tenants, the next says too, whatever kind of log lies between.
TEST_F(LogCopy, SaysTheSameOfTheSameEvents) {
  ChangeSomething(embedded_, 1);
  EXPECT_EQ(embedded_.Stop(), 0);
  const auto there = TenantsOf(CopyLog(Folder(embedded_.folder() / "data"), Topic("summed"),
                                       {"--partitions", std::to_string(kOnKafka)}));
  const auto data = embedded_.folder() / "copy";
  const auto back = TenantsOf(CopyLog(
      Topic("summed"), Folder(data),
      {"--from-partitions", std::to_string(kOnKafka), "--partitions", std::to_string(kInFolder)}));
  EXPECT_EQ(there, back);
  EXPECT_EQ(there.size(), Cluster::Tenants().size());
}

TEST_F(LogCopy, RefusesATargetThatHoldsSomething) {
  ChangeSomething(embedded_, 1);
  EXPECT_EQ(embedded_.Stop(), 0);
  const std::string folder = Folder(embedded_.folder() / "data");
  EXPECT_EQ(CopyLog(folder, Topic("full"), {}).code, 0);
  const auto again = CopyLog(folder, Topic("full"), {});
  EXPECT_EQ(again.code, 7) << again.output;
  EXPECT_THAT(again.output, HasSubstr("the target is not empty"));
  // Nothing of it was changed.
  const auto back = CopyLog(Topic("full"), Folder(embedded_.folder() / "copy"),
                            {"--from-partitions", std::to_string(kInFolder)});
  EXPECT_EQ(TenantsOf(back).size(), Cluster::Tenants().size());
}

TEST_F(LogCopy, SaysHowFarItIs) {
  ChangeSomething(embedded_, 1);
  EXPECT_EQ(embedded_.Stop(), 0);
  const auto copied = CopyLog(Folder(embedded_.folder() / "data"), Topic("far"), {});
  EXPECT_EQ(copied.code, 0) << copied.output;
  const auto json = nlohmann::json::parse(copied.output.substr(copied.output.find('{')), nullptr,
                                          /*allow_exceptions=*/false);
  const std::string events = std::to_string(json.value("events", 0));
  EXPECT_THAT(copied.output, HasSubstr("crmctl: " + events + " events copied"));
  EXPECT_THAT(copied.output, HasSubstr("crmctl: " + events + " events compared"));
}

TEST_F(LogCopy, OfWhatIsNotThereIsRefusedAndMakesNothing) {
  const std::vector<std::string> more = {"--from-partitions", "2"};
  const auto target = embedded_.folder() / "target";
  for (int attempt = 0; attempt < 2; ++attempt) {  // the second sees whether the first made it
    const auto refused = CopyLog(Topic("absent"), Folder(target), more);
    EXPECT_GT(refused.code, 0) << refused.output;
    EXPECT_THAT(refused.output, HasSubstr("there is no topic absent.sales.events at " +
                                          Kafka::Shared().bootstrap()));
  }
  EXPECT_FALSE(std::filesystem::exists(target));
  const auto absent = embedded_.folder() / "absent";
  const auto refused = CopyLog(Folder(absent), Topic("absent"), {});
  EXPECT_GT(refused.code, 0) << refused.output;
  EXPECT_THAT(refused.output, HasSubstr("there is no log in"));
  EXPECT_FALSE(std::filesystem::exists(absent));
}

TEST_F(LogCopy, ThatWasInterruptedIsNotServed) {
  FillLong();
  EXPECT_EQ(embedded_.Stop(), 0);
  const std::string from = Folder(embedded_.folder() / "data");
  const auto data = embedded_.folder() / "copy";
  ASSERT_NO_FATAL_FAILURE(Interrupt(from, data));
  const auto serve = [&] {
    return test::Run({CRM_PROGRAM, "serve", "--data", data.string(), "--services=sales",
                      Partitions(kInFolder), "--grpc=127.0.0.1:0", "--http=127.0.0.1:0"});
  };
  const auto refused = serve();
  EXPECT_EQ(refused.code, 1) << refused.output;
  EXPECT_THAT(refused.output, HasSubstr("the log of sales is not whole: it is a copy"));
  // Nor is it taken for a whole one by the next copy, on Kafka or off it.
  const auto on = CopyLog(Folder(data), Topic("cut"), {});
  EXPECT_EQ(on.code, 7) << on.output;
  EXPECT_THAT(on.output, HasSubstr("the source is not whole"));
  // What it says to do helps.
  std::filesystem::remove_all(data);
  EXPECT_EQ(CopyLog(from, Folder(data), {}).code, 0);
  const Server copied({"--log=embedded", "--data=" + data.string(), Partitions(kInFolder)});
  EXPECT_THAT(copied.Http("/readyz"), HasSubstr(" 200 "));
}

// In the middle, so that a part of the events is in the topic.
TEST_F(LogCopy, ThatWasInterruptedOnKafkaIsNotServed) {
  FillLong();
  EXPECT_EQ(embedded_.Stop(), 0);
  const std::string from = Folder(embedded_.folder() / "data");
  const std::string prefix = InterruptOnKafka(from, embedded_.folder() / "copying.txt");
  ASSERT_NE(prefix, "");
  const auto left = MessagesIn(prefix);
  std::vector<std::string> serve = {CRM_PROGRAM,
                                    "serve",
                                    "--data",
                                    (embedded_.folder() / "new").string(),
                                    "--services=sales",
                                    "--grpc=127.0.0.1:0",
                                    "--http=127.0.0.1:0",
                                    "--trust-metadata"};
  for (const std::string& flag : OnKafka(prefix)) serve.push_back(flag);
  const auto refused = test::Run(serve);
  EXPECT_EQ(refused.code, 1) << refused.output;
  EXPECT_THAT(refused.output, HasSubstr("the log of sales is not whole: it is a copy"));
  // Neither is it added to, nor taken for a whole one.
  const auto again = CopyLog(from, Topic(prefix), {"--partitions", std::to_string(kOnKafka)});
  EXPECT_EQ(again.code, 7) << again.output;
  EXPECT_THAT(again.output, HasSubstr("the target is not empty"));
  const auto on = CopyLog(Topic(prefix), Folder(embedded_.folder() / "copy"),
                          {"--from-partitions", std::to_string(kOnKafka)});
  EXPECT_EQ(on.code, 7) << on.output;
  EXPECT_THAT(on.output, HasSubstr("the source is not whole"));
  EXPECT_EQ(MessagesIn(prefix), left);
}

}  // namespace
}  // namespace crm::test
