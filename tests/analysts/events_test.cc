#include <gmock/gmock.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <sstream>

#include "crm/record/v1/descriptors.pb.h"
#include "tests/analysts/documented.h"
#include "tests/server/cluster.h"
#include "tests/server/filled.h"
#include "tests/server/sales_records.h"

// Kafka's topics as others' clients read them: by what docs/events.md says, and nothing else.
namespace crm::test {
namespace {

using testing::HasSubstr;

constexpr char kTenant[] = "acme";

void ChangeSomething(const Client& client) {
  for (int i = 0; i < 20; ++i) {
    const Lead lead = Made(client, FullLead(i));
    Made(client, NewNote(lead.name(), "Called"));
    if (i % 4 == 0) {
      EXPECT_TRUE(Delete<Lead>(client, lead.name(), true).ok());
    }
    if (i % 8 == 0) {
      EXPECT_TRUE(Undelete<Lead>(client, lead.name()).ok());
    }
  }
}

std::filesystem::path Descriptors(Cluster& cluster, const std::filesystem::path& folder) {
  const auto path = folder / "recall.desc";
  const Finished finished =
      Run({CRMCTL_PROGRAM, "--server", cluster[0].target(), "--tenant", kTenant, "--user",
           "ana@example.com", "descriptors", path.string()});
  EXPECT_EQ(finished.code, 0) << finished.output;
  return path;
}

TEST(Analysts, ReplayATopicWithPython) {
  Cluster cluster(2);
  const Client client(cluster[0], kTenant);
  ChangeSomething(client);
  // A second owner's claim, and records of the first one before it.
  const size_t owner = cluster.OwnerOf(kTenant);
  cluster[owner].Kill();
  cluster[owner].Start();
  const Client again(cluster[owner], kTenant);
  Made(again, FullLead(100));

  const TemporaryFolder folder;
  const Finished replay = ReplayWithPython(cluster.kafka().bootstrap(), cluster.events(),
                                           Descriptors(cluster, folder.path()));
  ASSERT_EQ(replay.code, 0) << replay.output;
  const auto json = nlohmann::json::parse(replay.output);
  EXPECT_EQ(json["records"]["acme/leads"], Count<Lead>(again));
  EXPECT_EQ(json["records"]["acme/notes"], Count<Note>(again));
  EXPECT_EQ(json["happened"]["crm.sales.v1.lead.created"], 21);
  EXPECT_EQ(json["happened"]["crm.sales.v1.lead.deleted"], 5);
  EXPECT_EQ(json["happened"]["crm.activity.v1.note.undeleted"], 3);
}

TEST(Analysts, ReadTheHeadersWithKcat) {
  Cluster cluster(1);
  const Client client(cluster[0], kTenant);
  const Lead lead = Made(client, NewLead("Popescu"));
  const Finished kcat = test::Run({"/usr/bin/kcat", "-C", "-b", cluster.kafka().bootstrap(), "-t",
                                   cluster.events(), "-e", "-q", "-f", "%h %k\n"});
  ASSERT_EQ(kcat.code, 0) << kcat.output;
  EXPECT_THAT(kcat.output, HasSubstr("ce_specversion=1.0"));
  EXPECT_THAT(kcat.output, HasSubstr("ce_type=crm.sales.v1.lead.created"));
  // The log's own records are CloudEvents as well, decoded by the same descriptors.
  std::istringstream lines(kcat.output);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("ce_")) continue;
    EXPECT_THAT(line, HasSubstr("ce_source=/crm/sales,")) << line;
    EXPECT_THAT(line, HasSubstr("ce_dataschema=crm:")) << line;
    EXPECT_THAT(line, HasSubstr("ce_id=")) << line;
  }
  EXPECT_THAT(kcat.output, HasSubstr("ce_subject=" + lead.name()));
  EXPECT_THAT(kcat.output, HasSubstr("content-type=application/protobuf"));
  EXPECT_THAT(kcat.output, HasSubstr(std::string(" ") + kTenant + "/" + lead.name() + "\n"));
}

// A log that is copied elsewhere explains itself, soon after the first server has started.
TEST(Analysts, FindTheDescriptorsInATopic) {
  Cluster cluster(1);
  const TemporaryFolder folder;
  const auto path = Descriptors(cluster, folder.path());
  const Client client(cluster[0], kTenant);
  const auto shown = client.Call<record::v1::GetDescriptorsResponse>(
      "/crm.record.v1.Descriptors/GetDescriptors", record::v1::GetDescriptorsRequest());
  const std::string wanted =
      shown.body.sha256() + " " + std::to_string(ReadText(path).size()) + "\n";
  Finished kcat;
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  do {
    kcat = test::Run({"/usr/bin/kcat", "-C", "-b", cluster.kafka().bootstrap(), "-t", "crm.schemas",
                      "-e", "-q", "-f", "%k %S\n"});
  } while (kcat.output.find(wanted) == std::string::npos && std::chrono::steady_clock::now() < end);
  EXPECT_EQ(kcat.code, 0) << kcat.output;
  EXPECT_THAT(kcat.output, HasSubstr(wanted));
}

}  // namespace
}  // namespace crm::test
